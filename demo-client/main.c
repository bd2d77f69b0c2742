/* mls-chat: a chat client in the terminal for rooms encrypted with Messaging Layer Security. */
#define _POSIX_C_SOURCE 200809L

#include "chat.h"
#include "completion.h"
#include "data_folder.h"
#include "loop.h"
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The terminal's charset; where the locale names none that is of use, UTF-8 is what XMPP speaks. */
static void set_locale(void)
{
    if (setlocale(LC_ALL, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    setlocale(LC_NUMERIC, "C");
}

static int open_script(const chat_options_t *options)
{
    if (options->script == NULL || strcmp(options->script, "-") == 0)
        return dup(STDIN_FILENO);
    return open(options->script, O_RDONLY | O_CLOEXEC);
}

static bool set_up_script(chat_t *chat)
{
    int fd = open_script(&chat->options);

    if (fd < 0) {
        fprintf(stderr, "mls-chat: cannot read the script: %s\n", strerror(errno));
        return false;
    }
    chat->lines = chat_lines_new(fd);
    chat->waits = chat_waits_new();
    chat->output.waits = chat->waits;
    return chat->lines != NULL && chat->waits != NULL;
}

static bool set_up_terminal(chat_t *chat)
{
    chat->editor = chat_editor_new(chat_completion_find, chat, chat->output.has_colour);
    chat->output.editor = chat->editor;
    if (chat->editor == NULL)
        fputs("mls-chat: this terminal cannot be used; try --script -\n", stderr);
    return chat->editor != NULL;
}

/* libstrophe would only say that there is no TLS. */
static bool check_ca_file(const chat_t *chat)
{
    if (chat->options.ca_file == NULL || access(chat->options.ca_file, R_OK) == 0)
        return true;
    fprintf(stderr, "mls-chat: cannot read the CA file: %s\n", strerror(errno));
    return false;
}

static mod_mls_strophe_config_t make_config(chat_t *chat, const char *path, const chat_password_t *password)
{
    const chat_options_t *options = &chat->options;
    mod_mls_strophe_config_t config = {
        .core = { .account = options->account,
                  .path = path,
                  .device_label = options->label,
                  .settings = mod_mls_settings_default(),
                  .host = { .arg = chat, .log = chat_on_log, .event = chat_on_event } },
        .client_name = "mls-chat",
        .password = password->text,
        .server = options->server,
        .port = options->port,
        .ca_file = options->ca_file,
        .connected = chat_on_connected,
        .disconnected = chat_on_disconnected,
        .clear_text = chat_on_clear_text,
    };

    config.core.settings.keep_membership = options->keeps_membership;
    if (options->join_commit_delay >= 0)
        config.core.settings.join_commit_delay_ms = (uint64_t)options->join_commit_delay * 1000;
    if (options->settle_delay >= 0)
        config.core.settings.settle_ms = (uint64_t)options->settle_delay * 1000;
    return config;
}

static void open_account(chat_t *chat, const char *path, const chat_password_t *password)
{
    mod_mls_strophe_config_t config = make_config(chat, path, password);
    mod_mls_error_t error = MOD_MLS_OK;

    if (mod_mls_strophe_open(&chat->strophe, &error, &config) == MLS_OK)
        return;
    chat->exit_status = CHAT_EXIT_STORE;
    CHAT_OUTPUT_REPORT(&chat->output, "failed", { "command", "open" },
                       { "reason", mod_mls_error_name(error) }, { "text", mod_mls_error_text(error) });
    fprintf(stderr, "mls-chat: %s\n", mod_mls_error_text(error));
}

static void chat_with(chat_t *chat, const char *path, chat_password_t *password)
{
    open_account(chat, path, password);
    chat_password_wipe(password); /* the connection has its own copy */
    if (chat->strophe == NULL)
        return;
    chat_output_say(&chat->output, CHAT_TONE_PLAIN, "mls-chat %s. Type /help for the commands.",
                    MLS_CHAT_VERSION);
    chat_choose_room(chat);
    chat_loop_run(chat);
    mod_mls_strophe_close(chat->strophe);
    chat->strophe = NULL;
}

static void run(chat_t *chat)
{
    bool is_script = chat->options.script != NULL || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO);
    chat_password_t password = { 0 };
    char *path = NULL;

    chat->exit_status = CHAT_EXIT_FAILURE;
    chat_output_init(&chat->output, is_script);
    if (check_ca_file(chat) && (path = chat_data_folder_path(chat->options.account, "mls.sqlite")) != NULL &&
        chat_password_read(&password, chat->options.account, chat->options.password_file,
                           chat->options.password_fd) &&
        (is_script ? set_up_script(chat) : set_up_terminal(chat))) {
        chat->exit_status = CHAT_EXIT_OK;
        chat_with(chat, path, &password);
    }
    chat_password_wipe(&password);
    free(path);
}

int main(int argc, char *argv[])
{
    chat_t *chat = calloc(1, sizeof *chat);
    chat_exit_t exit_status = CHAT_EXIT_FAILURE;

    if (chat == NULL)
        return CHAT_EXIT_FAILURE;
    set_locale();
    chat_loop_block_signals();
    if (chat_options_read(&chat->options, &exit_status, argc, argv)) {
        run(chat);
        exit_status = chat->exit_status;
    }
    chat_editor_free(chat->editor);
    chat_completion_clear(chat);
    chat_lines_free(chat->lines);
    chat_waits_free(chat->waits);
    chat_options_clear(&chat->options);
    free(chat);
    return (int)exit_status;
}
