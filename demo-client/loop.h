/* loop.h -- the network, the keyboard or the script, and the signals, in turn. */
#ifndef CHAT_LOOP_H
#define CHAT_LOOP_H

#include "chat.h"

/* Keeps SIGINT, SIGTERM, SIGHUP and SIGWINCH for the loop, and ignores SIGPIPE. Call it first. */
void chat_loop_block_signals(void);

/* Connects and goes on until the user, the script, a signal or the server ends it. */
void chat_loop_run(chat_t *chat);

#endif
