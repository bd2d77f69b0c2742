#include "mls/negotiate.h"
#include "leaf_node.h"

/* Whether any KeyPackage of the invitee lists it. */
static bool has(const mls_invitee_t *invitee, mls_capability_t kind, uint16_t value)
{
    for (size_t i = 0; i < invitee->num_key_packages; i++)
        if (mls_leaf_supports(&invitee->key_packages[i].leaf, kind, value))
            return true;
    return false;
}

/* How many invitees, from the first on, have it. */
static size_t count_having(const mls_invitee_t *invitees, size_t num_invitees, mls_capability_t kind,
                           uint16_t value)
{
    size_t count = 0;
    while (count < num_invitees && has(&invitees[count], kind, value))
        count++;
    return count;
}

/* The first of the list that all have. */
static mls_status_t choose(uint16_t *out, size_t *lacking, mls_capability_t kind, const mls_u16_list_t *list,
                           const mls_invitee_t *invitees, size_t num_invitees)
{
    size_t most = SIZE_MAX;
    for (size_t i = 0; i < list->count; i++) {
        if (kind == MLS_CAPABILITY_CIPHER_SUITE && mls_suite_find(list->items[i]) == NULL)
            continue;
        const size_t count = count_having(invitees, num_invitees, kind, list->items[i]);
        if (count == num_invitees) {
            *out = list->items[i];
            return MLS_OK;
        }
        most = most == SIZE_MAX || count > most ? count : most;
    }
    *lacking = most;
    return MLS_ERR_UNSUPPORTED;
}

static bool is_listed(const mls_u16_list_t *list, uint16_t value)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == value)
            return true;
    return false;
}

/* The highest that all have and the policy takes: this build's versions are tried from the highest down. */
static mls_status_t choose_version(mls_negotiated_t *out, size_t *lacking, const mls_u16_list_t *policy,
                                   const mls_invitee_t *invitees, size_t num_invitees)
{
    static const uint16_t versions[] = { MLS_VERSION_MLS10 };
    uint16_t items[sizeof versions / sizeof *versions];
    mls_u16_list_t list = { items, 0 };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (policy->count == 0 || is_listed(policy, versions[i]))
            list.items[list.count++] = versions[i];
    return choose(&out->version, lacking, MLS_CAPABILITY_VERSION, &list, invitees, num_invitees);
}

mls_status_t mls_negotiate(mls_negotiated_t *out, size_t *lacking, const mls_negotiation_policy_t *policy,
                           const mls_invitee_t *invitees, size_t num_invitees)
{
    mls_negotiated_t chosen = { 0 };
    size_t nobody = SIZE_MAX;
    mls_status_t status;

    *out = chosen;
    lacking = lacking == NULL ? &nobody : lacking;
    *lacking = SIZE_MAX;
    if (policy->cipher_suites.count == 0)
        return MLS_ERR_ARGUMENT;
    for (size_t i = 0; i < num_invitees; i++)
        if (invitees[i].num_key_packages == 0)
            return MLS_ERR_ARGUMENT;
    if ((status = choose_version(&chosen, lacking, &policy->versions, invitees, num_invitees)) == MLS_OK &&
        (status = choose(&chosen.cipher_suite, lacking, MLS_CAPABILITY_CIPHER_SUITE, &policy->cipher_suites,
                         invitees, num_invitees)) == MLS_OK)
        *out = chosen;
    return status;
}

mls_status_t mls_negotiated_key_package(size_t *out, const mls_negotiated_t *negotiated,
                                        const mls_invitee_t *invitee)
{
    *out = 0;
    for (size_t i = 0; i < invitee->num_key_packages; i++) {
        if (invitee->key_packages[i].cipher_suite == negotiated->cipher_suite) {
            *out = i;
            return MLS_OK;
        }
    }
    return MLS_ERR_NOT_FOUND;
}
