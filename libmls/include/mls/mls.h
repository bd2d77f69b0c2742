/* mls.h -- libmls: Messaging Layer Security, RFC 9420. Includes all of the public headers. */
#ifndef MLS_MLS_H
#define MLS_MLS_H

#include "app_data.h"
#include "bytes.h"
#include "codec.h"
#include "commit.h"
#include "crypto.h"
#include "evidence.h"
#include "extension.h"
#include "group.h"
#include "group_config.h"
#include "join.h"
#include "key_package.h"
#include "limits.h"
#include "message.h"
#include "negotiate.h"
#include "outside.h"
#include "proposal.h"
#include "receive.h"
#include "status.h"
#include "store.h"
#include "subgroup.h"
#include "x509.h"

#endif
