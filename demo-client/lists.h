/* lists.h -- answers to the commands that look: rooms, members, devices, epoch. */
#ifndef CHAT_LISTS_H
#define CHAT_LISTS_H

#include "chat.h"

void chat_list_rooms(chat_t *chat);
MLS_MUST_USE mls_status_t chat_list_members(chat_t *chat, const char *room);
MLS_MUST_USE mls_status_t chat_list_devices(chat_t *chat, const char *account);
MLS_MUST_USE mls_status_t chat_show_epoch(chat_t *chat, const char *room);
void chat_show_fingerprint(chat_t *chat);

#endif
