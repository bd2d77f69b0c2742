#include "rule.h"
#include "suite.h"

static const struct {
    const char *id;
    mls_status_t status;
    const char *section;
    const char *text;
} rules[MLS_NUM_RULES] = {
#define MLS_RULE_ROW(id, status, section, text) { #id, MLS_ERR_##status, section, text },
    MLS_RULES(MLS_RULE_ROW)
#undef MLS_RULE_ROW
};

const char *mls_rule_id(mls_rule_t rule)
{
    return rules[rule].id;
}

const char *mls_rule_section(mls_rule_t rule)
{
    return rules[rule].section;
}

mls_status_t mls_rule_status(mls_rule_t rule)
{
    return rules[rule].status;
}

mls_status_t mls_refuse(mls_crypto_t *crypto, mls_rule_t rule, mls_status_t status)
{
    if (crypto->config.log != NULL)
        crypto->config.log(crypto->config.arg, status, rules[rule].id, rules[rule].section, rules[rule].text);
    return status;
}

mls_status_t mls_check(mls_crypto_t *crypto, mls_rule_t rule, bool holds)
{
    return holds ? MLS_OK : mls_refuse(crypto, rule, rules[rule].status);
}
