/* switch.h -- the checks of libmls with a switch on each: for the build MLS_MUTATE alone, whose compiler puts
 * this in front of every file of libmls/src but those that define the checks.
 *
 * A check is known by its file and by its number among the checks of that file, counted from 0 in the order
 * of the text. What the environment says:
 *
 *     MLS_RULE_OFF=treekem.c:2       that check holds, whatever it is about
 *     MLS_RULE_OFF=treekem.c:2@L8    where it checks one of several rules: if it is that one
 *     MLS_RULE_TRACE=file            appends a line "treekem.c:2@L8" for each check that does not hold */
#ifndef TESTS_RULES_SWITCH_H
#define TESTS_RULES_SWITCH_H

#include "codec_check.h"
#include "rule.h"

mls_status_t mls_switch_check(const char *file, int number, mls_crypto_t *crypto, mls_rule_t rule,
                              bool holds);
mls_status_t mls_switch_refuse(const char *file, int number, mls_crypto_t *crypto, mls_rule_t rule,
                               mls_status_t status);
bool mls_switch_codec_check(const char *file, int number, mls_codec_t *codec, mls_rule_t rule, bool holds);

#ifndef MLS_CHECKS_THEMSELVES
#define mls_check(crypto, rule, holds) mls_switch_check(__FILE_NAME__, __COUNTER__, crypto, rule, holds)
#define mls_refuse(crypto, rule, status) mls_switch_refuse(__FILE_NAME__, __COUNTER__, crypto, rule, status)
#define mls_codec_check(codec, rule, holds)                                                                  \
    mls_switch_codec_check(__FILE_NAME__, __COUNTER__, codec, rule, holds)
#endif

#endif
