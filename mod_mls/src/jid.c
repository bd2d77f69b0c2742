#include "jid.h"

bool mod_mls_jid_is_bare(mls_view_t jid)
{
    const uint8_t *at = jid.len == 0 ? NULL : memchr(jid.data, '@', jid.len);

    if (jid.len == 0 || jid.len > MOD_MLS_JID_MAX || !mod_mls_utf8_is_valid(jid))
        return false;
    for (size_t i = 0; i < jid.len; i++) {
        if (jid.data[i] <= ' ' || jid.data[i] == 0x7f || jid.data[i] == '/')
            return false;
    }
    if (at == NULL)
        return true;
    size_t local_len = (size_t)(at - jid.data), domain_len = jid.len - local_len - 1;
    return local_len > 0 && domain_len > 0 && memchr(at + 1, '@', domain_len) == NULL;
}

mls_view_t mod_mls_jid_bare(const char *jid)
{
    return jid == NULL ? mls_view(NULL, 0) : mls_view(jid, strcspn(jid, "/"));
}

const char *mod_mls_jid_resource(const char *jid)
{
    const char *slash = jid == NULL ? NULL : strchr(jid, '/');
    return slash == NULL ? NULL : slash + 1;
}

mls_view_t mod_mls_jid_local(const char *bare)
{
    const char *at = strchr(bare, '@');
    return at == NULL ? mls_view(NULL, 0) : mls_view(bare, (size_t)(at - bare));
}

const char *mod_mls_jid_domain(const char *bare)
{
    const char *at = strchr(bare, '@');
    return at == NULL ? bare : at + 1;
}
