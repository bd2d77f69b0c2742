#define _XOPEN_SOURCE 700 /* wcwidth() */

#include "editor.h"

#include <histedit.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define PROMPT_MAX 128     /* bytes */
#define HISTORY_MAX 500    /* lines */
#define KEY_TIMEOUT_MS 50  /* within the bytes of one key: a lone Escape must not stop the network */
#define PROMPT_ESCAPE '\1' /* around what has no width on the screen */
#define DEFAULT_COLUMNS 80

struct chat_editor {
    EditLine *edit;
    History *history;
    chat_complete_t complete;
    void *complete_arg;
    bool has_colour;
    bool is_ended;
    char prompt[PROMPT_MAX]; /* without the space that ends it */
    char shown_prompt[PROMPT_MAX + 16];
    char *line;
    int num_line_rows; /* that `line` took on the screen */
};

static chat_editor_t *self(EditLine *edit)
{
    void *editor = NULL;

    el_get(edit, EL_CLIENTDATA, &editor);
    return editor;
}

static char *give_prompt(EditLine *edit)
{
    return self(edit)->shown_prompt;
}

/* ---- keys ------------------------------------------------------------------------------------- */

/* One byte of the terminal: 1, or 0 if none came in time, or -1 if the terminal is gone. */
static int read_byte(char *byte)
{
    struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };

    if (poll(&terminal, 1, KEY_TIMEOUT_MS) == 0)
        return 0;
    return read(STDIN_FILENO, byte, 1) == 1 ? 1 : -1;
}

/* libedit's source of characters. Its own would block in the middle of an escape sequence. */
static int get_character(EditLine *edit, wchar_t *character)
{
    mbstate_t state = { 0 };
    char byte = 0;
    int got;

    *character = L'\0'; /* bound to nothing: what a sequence that does not go on ends with */
    while ((got = read_byte(&byte)) == 1) {
        size_t len = mbrtowc(character, &byte, 1, &state);

        if (len == (size_t)-1)
            memset(&state, 0, sizeof state); /* not of this charset: skip the byte */
        else if (len != (size_t)-2)
            return 1;
    }
    if (got < 0)
        self(edit)->is_ended = true;
    return 1;
}

/* Ctrl-D: the end on an empty line, else deletes the character under the cursor. */
static unsigned char end_or_delete(EditLine *edit, int character)
{
    const LineInfoW *line = el_wline(edit);

    (void)character;
    if (line->lastchar == line->buffer) {
        self(edit)->is_ended = true;
        return CC_NORM;
    }
    if (line->cursor == line->lastchar)
        return CC_ERROR;
    el_cursor(edit, 1);
    el_deletestr(edit, 1);
    return CC_REFRESH;
}

/* ---- completion ------------------------------------------------------------------------------- */

static size_t common_len(const char *a, const char *b)
{
    size_t len = 0;

    while (a[len] != '\0' && a[len] == b[len])
        len++;
    return len;
}

/* Keeps the words that begin with `start`; `*len` becomes how much they have in common. */
static size_t select_words(const char *words[], size_t num_words, const char *start, size_t *len)
{
    size_t num_kept = 0;

    *len = 0;
    for (size_t i = 0; i < num_words; i++) {
        if (strncmp(words[i], start, strlen(start)) != 0)
            continue;
        words[num_kept] = words[i];
        *len = num_kept == 0                           ? strlen(words[i])
               : common_len(words[0], words[i]) < *len ? common_len(words[0], words[i])
                                                       : *len;
        num_kept++;
    }
    return num_kept;
}

static void list_words(chat_editor_t *editor, const char *words[], size_t num_words)
{
    chat_editor_hide(editor);
    for (size_t i = 0; i < num_words; i++)
        printf("%s%s", words[i], i + 1 < num_words ? "  " : "\n");
    chat_editor_show(editor);
}

static unsigned char insert_completion(EditLine *edit, const char *rest, size_t len, bool is_only_one)
{
    char *insertion = malloc(len + 2);

    if (insertion == NULL)
        return CC_ERROR;
    memcpy(insertion, rest, len);
    memcpy(insertion + len, is_only_one ? " " : "", is_only_one ? 2 : 1);
    el_insertstr(edit, insertion);
    free(insertion);
    return CC_REFRESH;
}

static unsigned char complete_word(EditLine *edit, int character)
{
    chat_editor_t *editor = self(edit);
    const LineInfo *info = el_line(edit);
    const char *words[CHAT_COMPLETIONS_MAX];
    size_t line_len = (size_t)(info->cursor - info->buffer);
    char *line = malloc(line_len + 1);
    unsigned char result = CC_ERROR;
    size_t num_words, len = 0;
    const char *start;

    (void)character;
    if (line == NULL)
        return CC_ERROR;
    memcpy(line, info->buffer, line_len);
    line[line_len] = '\0';
    start = strrchr(line, ' ') == NULL ? line : strrchr(line, ' ') + 1;
    num_words = editor->complete(editor->complete_arg, line, words);
    num_words = select_words(words, num_words, start, &len);
    if (num_words == 1 || (num_words > 1 && len > strlen(start))) {
        result = insert_completion(edit, words[0] + strlen(start), len - strlen(start), num_words == 1);
    } else if (num_words > 1) {
        list_words(editor, words, num_words);
        result = CC_NORM;
    }
    free(line);
    return result;
}

/* ---- the editor ------------------------------------------------------------------------------- */

static void set_up_history(chat_editor_t *editor)
{
    HistEvent event;

    editor->history = history_init();
    if (editor->history == NULL)
        return;
    history(editor->history, &event, H_SETSIZE, HISTORY_MAX);
    history(editor->history, &event, H_SETUNIQUE, 1);
    el_set(editor->edit, EL_HIST, history, editor->history);
}

static void set_up_keys(chat_editor_t *editor)
{
    el_set(editor->edit, EL_CLIENTDATA, editor);
    el_set(editor->edit, EL_EDITOR, "emacs");
    el_set(editor->edit, EL_PROMPT_ESC, give_prompt, PROMPT_ESCAPE);
    el_set(editor->edit, EL_GETCFN, get_character);
    /* The wide form: the other one copies the names and loses the copies. */
    el_wset(editor->edit, EL_ADDFN, L"chat-complete", L"Complete the word", complete_word);
    el_wset(editor->edit, EL_ADDFN, L"chat-end", L"Delete a character or end", end_or_delete);
    el_set(editor->edit, EL_BIND, "\t", "chat-complete", NULL);
    el_set(editor->edit, EL_BIND, "^D", "chat-end", NULL);
    el_set(editor->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
}

chat_editor_t *chat_editor_new(chat_complete_t complete, void *arg, bool has_colour)
{
    chat_editor_t *editor = calloc(1, sizeof *editor);

    if (editor == NULL)
        return NULL;
    editor->complete = complete;
    editor->complete_arg = arg;
    editor->has_colour = has_colour;
    editor->edit = el_init("mls-chat", stdin, stdout, stderr);
    if (editor->edit == NULL) {
        free(editor);
        return NULL;
    }
    set_up_keys(editor);
    set_up_history(editor);
    el_set(editor->edit, EL_UNBUFFERED, 1);
    return editor;
}

void chat_editor_free(chat_editor_t *editor)
{
    if (editor == NULL)
        return;
    chat_editor_hide(editor);
    el_set(editor->edit, EL_UNBUFFERED, 0);
    el_end(editor->edit);
    if (editor->history != NULL)
        history_end(editor->history);
    free(editor->line);
    free(editor);
}

void chat_editor_set_prompt(chat_editor_t *editor, const char *prompt)
{
    if (strcmp(editor->prompt, prompt) == 0)
        return;
    chat_editor_hide(editor);
    snprintf(editor->prompt, sizeof editor->prompt, "%s", prompt);
    /* libedit drops an escape sequence that no character follows: the space comes last. */
    snprintf(editor->shown_prompt, sizeof editor->shown_prompt,
             editor->has_colour ? "\1\033[1m\1%s\1\033[0m\1 " : "%s ", editor->prompt);
    chat_editor_show(editor);
}

/* ---- the screen ------------------------------------------------------------------------------- */

static int width_of(wchar_t character)
{
    int width = wcwidth(character);

    return width >= 0 ? width : 2; /* control characters are shown as ^X */
}

static int prompt_width(const chat_editor_t *editor)
{
    wchar_t prompt[PROMPT_MAX];
    size_t len = mbstowcs(prompt, editor->prompt, PROMPT_MAX);
    int width = 1; /* the space that ends it */

    for (size_t i = 0; len != (size_t)-1 && i < len; i++)
        width += width_of(prompt[i]);
    return width;
}

/* How many rows below that of the prompt `end` is, a place in the line: the terminal wraps what is long. */
static int row_of(chat_editor_t *editor, const wchar_t *end)
{
    const LineInfoW *line = el_wline(editor->edit);
    int columns = 0, at = prompt_width(editor);

    if (el_get(editor->edit, EL_GETTC, "co", &columns, NULL) != 0 || columns <= 0)
        columns = DEFAULT_COLUMNS;
    for (const wchar_t *character = line->buffer; character < end; character++)
        at += *character == L'\n' ? 0 : width_of(*character);
    return at / columns;
}

static void erase_from(int row)
{
    if (row > 0)
        printf("\033[%dA", row);
    fputs("\r\033[J", stdout);
    fflush(stdout);
}

void chat_editor_hide(chat_editor_t *editor)
{
    erase_from(row_of(editor, el_wline(editor->edit)->cursor));
}

void chat_editor_erase_last(chat_editor_t *editor)
{
    chat_editor_hide(editor);
    erase_from(editor->num_line_rows);
    chat_editor_show(editor);
}

void chat_editor_show(chat_editor_t *editor)
{
    fflush(stdout);
    el_set(editor->edit, EL_REFRESH);
}

void chat_editor_resize(chat_editor_t *editor)
{
    el_resize(editor->edit);
}

/* ---- lines ------------------------------------------------------------------------------------ */

static void take_line(chat_editor_t *editor, const char *line, int len)
{
    HistEvent event;

    editor->num_line_rows = row_of(editor, el_wline(editor->edit)->lastchar) + 1;
    free(editor->line);
    editor->line = strndup(line, (size_t)len - 1); /* without the line feed */
    if (editor->line != NULL && editor->line[0] != '\0' && editor->history != NULL)
        history(editor->history, &event, H_ENTER, editor->line);
}

chat_editor_result_t chat_editor_read(chat_editor_t *editor, const char **line)
{
    int len = 0;
    const char *typed = el_gets(editor->edit, &len);

    *line = NULL;
    if (editor->is_ended || (typed == NULL && feof(stdin)))
        return CHAT_EDITOR_END;
    if (typed == NULL || len <= 0 || (typed[len - 1] != '\n' && typed[len - 1] != '\r'))
        return CHAT_EDITOR_MORE;
    take_line(editor, typed, len);
    /* Leaving and entering the mode again is how libedit is told to begin a new line. */
    el_set(editor->edit, EL_UNBUFFERED, 0);
    el_set(editor->edit, EL_UNBUFFERED, 1);
    *line = editor->line;
    return editor->line == NULL ? CHAT_EDITOR_MORE : CHAT_EDITOR_LINE;
}
