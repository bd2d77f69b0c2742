/* completion.h -- what Tab offers. */
#ifndef CHAT_COMPLETION_H
#define CHAT_COMPLETION_H

#include "chat.h"

/* A chat_complete_t; `arg` is the chat_t. */
size_t chat_completion_find(void *arg, const char *line, const char *words[]);
void chat_completion_clear(chat_t *chat);

#endif
