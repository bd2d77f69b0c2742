#define _POSIX_C_SOURCE 200809L

#include "data_folder.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* An account as the name of a folder: what is not plain is %XX, so that no account leads elsewhere. */
static void put_account(FILE *out, const char *account)
{
    for (const char *at = account; *at != '\0'; at++) {
        bool is_plain =
            isalnum((unsigned char)*at) || strchr("@-_+", *at) != NULL || (*at == '.' && at != account);

        fprintf(out, is_plain && (unsigned char)*at < 0x80 ? "%c" : "%%%02X", (unsigned char)*at);
    }
}

static bool put_data_home(FILE *out)
{
    const char *data_home = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");

    if (data_home != NULL && data_home[0] == '/') /* the specification: a relative one is ignored */
        fputs(data_home, out);
    else if (home != NULL && home[0] == '/')
        fprintf(out, "%s/.local/share", home);
    else
        return false;
    return true;
}

/* `<data home>/mls-chat/<account>`, to be freed. */
static char *folder_path(const char *account)
{
    char *path = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&path, &len);
    bool has_home;

    if (out == NULL)
        return NULL;
    has_home = put_data_home(out);
    fputs("/mls-chat/", out);
    put_account(out, account);
    if (fclose(out) != 0 || !has_home) {
        free(path);
        return NULL;
    }
    return path;
}

static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        bool is_made;

        *slash = '\0';
        is_made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!is_made)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static char *join_path(const char *folder, const char *file)
{
    size_t len = strlen(folder) + 1 + strlen(file) + 1;
    char *path = malloc(len);

    if (path != NULL)
        snprintf(path, len, "%s/%s", folder, file);
    return path;
}

char *chat_data_folder_path(const char *account, const char *file)
{
    char *folder = folder_path(account);
    char *path = NULL;

    if (folder == NULL) {
        fputs("mls-chat: neither XDG_DATA_HOME nor HOME says where to keep the account's data\n", stderr);
        return NULL;
    }
    if (!make_folders(folder) || chmod(folder, 0700) != 0)
        fprintf(stderr, "mls-chat: cannot use the folder %s: %s\n", folder, strerror(errno));
    else
        path = join_path(folder, file);
    free(folder);
    return path;
}
