/* jid.h -- JIDs (RFC 7622). They are prepared by their maker and compared byte for byte. */
#ifndef MOD_MLS_JID_H
#define MOD_MLS_JID_H

#include "text.h"

enum { MOD_MLS_JID_MAX = 2047 }; /* bytes of a bare JID */

/* Whether this has the form of a bare JID: [local@]domain in UTF-8, 1 to 2047 bytes, no resource, no space
 * and no control character. Preparation is the maker's affair and not looked at. */
bool mod_mls_jid_is_bare(mls_view_t jid);

/* The part of a JID before the first '/'. NULL gives an empty view. */
mls_view_t mod_mls_jid_bare(const char *jid);
/* The part after it; NULL where there is none. */
const char *mod_mls_jid_resource(const char *jid);
/* The part before the '@' of a bare JID; empty where there is none. */
mls_view_t mod_mls_jid_local(const char *bare);
/* The part after the '@'. */
const char *mod_mls_jid_domain(const char *bare);

#endif
