/* narrate.h -- mod_mls's events as sentences for a person. */
#ifndef CHAT_NARRATE_H
#define CHAT_NARRATE_H

#include "output.h"

#include <mod_mls/mod_mls.h>

/* `account` is the user's own bare JID. Progress is not told here: the prompt shows it. */
void chat_narrate_event(chat_output_t *output, const mod_mls_event_t *event, const char *account);

#endif
