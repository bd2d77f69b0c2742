#define _XOPEN_SOURCE 700

#include "output.h"

#include "text.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const COLOURS[] = {
    [CHAT_TONE_PLAIN] = "",         [CHAT_TONE_MESSAGE] = "",      [CHAT_TONE_OWN] = "\033[2m",
    [CHAT_TONE_EVENT] = "\033[36m", [CHAT_TONE_GOOD] = "\033[32m", [CHAT_TONE_WARNING] = "\033[33m",
    [CHAT_TONE_ERROR] = "\033[31m",
};

/* no-color.org: present and not empty, whatever its value. */
static bool wants_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

void chat_output_init(chat_output_t *output, bool is_script)
{
    *output = (chat_output_t){
        .is_script = is_script,
        .has_colour = !is_script && wants_colour(),
        .has_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
}

static void put_time(FILE *out)
{
    time_t now = time(NULL);
    struct tm local;
    char text[8];

    if (localtime_r(&now, &local) != NULL && strftime(text, sizeof text, "%H:%M ", &local) != 0)
        fputs(text, out);
}

void chat_output_say(chat_output_t *output, chat_tone_t tone, const char *format, ...)
{
    va_list arguments;

    if (output->is_script)
        return;
    if (output->editor != NULL)
        chat_editor_hide(output->editor);
    fputs(output->has_colour ? COLOURS[tone] : "", stdout);
    put_time(stdout);
    va_start(arguments, format);
    chat_text_vprint(stdout, format, arguments);
    va_end(arguments);
    fputs(output->has_colour ? "\033[0m\n" : "\n", stdout);
    fflush(stdout);
    if (output->editor != NULL)
        chat_editor_show(output->editor);
}

static void put_report(FILE *out, const char *event, const chat_field_t fields[], size_t num_fields)
{
    fputs(event, out);
    for (size_t i = 0; i < num_fields; i++) {
        if (fields[i].value == NULL)
            continue;
        fprintf(out, " %s=", fields[i].name);
        chat_text_put(out, fields[i].value, CHAT_TEXT_QUOTED);
    }
}

void chat_output_report(chat_output_t *output, const char *event, const chat_field_t fields[],
                        size_t num_fields)
{
    char *line = NULL;
    size_t len = 0;
    FILE *out;

    if (!output->is_script || (out = open_memstream(&line, &len)) == NULL)
        return;
    put_report(out, event, fields, num_fields);
    if (fclose(out) == 0) {
        puts(line);
        fflush(stdout);
        if (output->waits != NULL)
            chat_waits_note(output->waits, line);
    }
    free(line);
}

chat_number_t chat_number(unsigned long long value)
{
    chat_number_t number;

    snprintf(number.text, sizeof number.text, "%llu", value);
    return number;
}
