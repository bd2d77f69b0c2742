/* peer_group.h -- the groups in which a peer is measured: those of libmls, where one member is the peer's. */
#ifndef MLS_BENCH_PEER_GROUP_H
#define MLS_BENCH_PEER_GROUP_H

#include "peer.h"

/* A folder in the peer's folder, while it is needed. */
#define BENCH_PEER_KEY_PACKAGES "key-packages"

/* All operations in a group of one size. Ends the program where libmls fails; where the peer does, that is a
 * result. */
void bench_peer_measure(bench_peer_t *peer);

#endif
