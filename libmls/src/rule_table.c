#include "rule_table.h"

static const struct {
    const char *id;
    mls_status_t status;
    const char *section;
    const char *text;
} rules[MLS_NUM_RULES] = { [MLS_RULE_NONE] = { "", MLS_OK, "", "" },
#define MLS_RULE_ROW(id, status, section, text) [MLS_RULE_##id] = { #id, MLS_ERR_##status, section, text },
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

const char *mls_rule_text(mls_rule_t rule)
{
    return rules[rule].text;
}

mls_status_t mls_rule_status(mls_rule_t rule)
{
    return rules[rule].status;
}
