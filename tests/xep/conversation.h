/* conversation.h -- what is said and done in the examples of the XEP, from the first to the last. */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include "play.h"

/* Ends after the first scene in which something failed: what follows would only follow from that. */
void conversation_play(play_t *play);

#endif
