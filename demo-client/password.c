#define _POSIX_C_SOURCE 200809L

#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_C 3

/* Reads up to the line feed or the end, byte by byte: what follows belongs to somebody else. */
static bool read_line(chat_password_t *password, int fd)
{
    size_t len = 0;
    ssize_t got = 0;
    char byte = 0;

    while (len + 1 < sizeof password->text && (got = read(fd, &byte, 1)) == 1 && byte != '\n') {
        password->text[len++] = byte;
        if (byte == CTRL_C)
            break;
    }
    if (len > 0 && password->text[len - 1] == '\r')
        len--;
    password->text[len] = '\0';
    return got >= 0 && len > 0 && len + 1 < sizeof password->text;
}

static bool is_private(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && (!S_ISREG(info.st_mode) || (info.st_mode & (S_IRWXG | S_IRWXO)) == 0);
}

static bool read_file(chat_password_t *password, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_read;

    if (fd < 0) {
        fprintf(stderr, "mls-chat: cannot read the password file: %s\n", strerror(errno));
        return false;
    }
    if (!is_private(fd)) {
        fputs("mls-chat: others may read the password file; `chmod 600` it first\n", stderr);
        close(fd);
        return false;
    }
    is_read = read_line(password, fd);
    close(fd);
    if (!is_read)
        fputs("mls-chat: the first line of the password file is not a password\n", stderr);
    return is_read;
}

static bool read_descriptor(chat_password_t *password, int fd)
{
    bool is_read = read_line(password, fd);

    if (fd > STDERR_FILENO)
        close(fd);
    if (!is_read)
        fputs("mls-chat: no password on the given descriptor\n", stderr);
    return is_read;
}

static bool ask(chat_password_t *password, const char *account)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios as_it_was, silent;
    bool is_read;

    if (terminal < 0 || tcgetattr(terminal, &as_it_was) != 0) {
        fputs("mls-chat: no terminal to ask for the password; use --password-file or --password-fd\n",
              stderr);
        if (terminal >= 0)
            close(terminal);
        return false;
    }
    silent = as_it_was;
    /* Ctrl-C ends the line instead of the program, so that the echo comes on again. */
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    silent.c_cc[VEOL] = CTRL_C;
    dprintf(terminal, "Password of %s: ", account);
    tcsetattr(terminal, TCSAFLUSH, &silent);
    is_read = read_line(password, terminal) && strchr(password->text, CTRL_C) == NULL;
    tcsetattr(terminal, TCSAFLUSH, &as_it_was);
    dprintf(terminal, "\n");
    close(terminal);
    return is_read;
}

bool chat_password_read(chat_password_t *password, const char *account, const char *file, int fd)
{
    if (file != NULL)
        return read_file(password, file);
    if (fd >= 0)
        return read_descriptor(password, fd);
    return ask(password, account);
}

void chat_password_wipe(chat_password_t *password)
{
    volatile char *byte = password->text;

    for (size_t i = 0; i < sizeof password->text; i++)
        byte[i] = 0;
}
