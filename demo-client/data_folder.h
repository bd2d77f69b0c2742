/* data_folder.h -- where an account's keys lie: one folder per account, for its owner only. */
#ifndef CHAT_DATA_FOLDER_H
#define CHAT_DATA_FOLDER_H

/* Makes $XDG_DATA_HOME/mls-chat/<account>/ (default ~/.local/share) with mode 0700 where it is missing, and
 * returns the path of `file` in it, which the caller frees. NULL: not possible, and standard error says why.
 */
char *chat_data_folder_path(const char *account, const char *file);

#endif
