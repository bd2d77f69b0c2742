#include "switch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether MLS_RULE_OFF names that check of that rule: with "@L8" behind it, or without. */
static bool is_off(const char *file, int number, mls_rule_t rule)
{
    const char *off = getenv("MLS_RULE_OFF");
    char site[64], with_rule[96];
    if (off == NULL)
        return false;
    snprintf(site, sizeof site, "%s:%d", file, number);
    snprintf(with_rule, sizeof with_rule, "%s@%s", site, mls_rule_id(rule));
    return strcmp(off, site) == 0 || strcmp(off, with_rule) == 0;
}

static void trace(const char *file, int number, mls_rule_t rule)
{
    const char *path = getenv("MLS_RULE_TRACE");
    FILE *out = path == NULL ? NULL : fopen(path, "a");
    if (out == NULL)
        return;
    fprintf(out, "%s:%d@%s\n", file, number, mls_rule_id(rule));
    fclose(out);
}

mls_status_t mls_switch_check(const char *file, int number, mls_crypto_t *crypto, mls_rule_t rule, bool holds)
{
    if (!holds)
        trace(file, number, rule);
    return mls_check(crypto, rule, holds || is_off(file, number, rule));
}

mls_status_t mls_switch_refuse(const char *file, int number, mls_crypto_t *crypto, mls_rule_t rule,
                               mls_status_t status)
{
    trace(file, number, rule);
    return is_off(file, number, rule) ? MLS_OK : mls_refuse(crypto, rule, status);
}

bool mls_switch_codec_check(const char *file, int number, mls_codec_t *codec, mls_rule_t rule, bool holds)
{
    if (!holds)
        trace(file, number, rule);
    return mls_codec_check(codec, rule, holds || is_off(file, number, rule));
}
