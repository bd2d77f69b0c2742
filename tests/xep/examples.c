#include "examples.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

enum { NUM_COLUMNS = 5, MAX_FILE = 4 << 20 };

static void end_program(const char *what, const char *name)
{
    fprintf(stderr, "%s: %s\n", name, what);
    exit(1);
}

/* ---- files --------------------------------------------------------------------------------------- */

static char *path_of(const char *folder, const char *name)
{
    mod_mls_text_t path = { 0 };
    mod_mls_text_add(&path, folder);
    mod_mls_text_add_char(&path, '/');
    mod_mls_text_add(&path, name);
    return path.data;
}

static char *read_file(const char *folder, const char *name)
{
    char *path = path_of(folder, name), *text = malloc(MAX_FILE);
    FILE *file = fopen(path, "rb");
    if (file == NULL || text == NULL)
        end_program("cannot be read", path);
    const size_t len = fread(text, 1, MAX_FILE - 1, file);
    if (ferror(file) || !feof(file))
        end_program("cannot be read to its end", path);
    text[len] = '\0';
    (void)fclose(file);
    free(path);
    return text;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char *path = path_of(folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        end_program("cannot be written", path);
    free(path);
}

/* ---- the table ----------------------------------------------------------------------------------- */

/* What stands between here and `end`, without the blanks around it. */
static char *cell(const char *start, const char *end)
{
    while (start < end && *start == ' ')
        start++;
    while (end > start && end[-1] == ' ')
        end--;
    return mod_mls_strndup(mls_view(start, (size_t)(end - start)));
}

static bool is_way(example_way_t *way, const char *name)
{
    static const char *const names[] = { "in", "out", "inside" };
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        *way = (example_way_t)i;
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* Reads "| file | account | way | outcome | caption |"; false: the line is no such row. */
static bool read_row(example_t *out, const char *line, size_t len)
{
    char *cells[NUM_COLUMNS] = { NULL };
    size_t count = 0;
    const char *const end = line + len;
    for (const char *at = line; count < NUM_COLUMNS && at < end && *at == '|'; count++) {
        const char *bar = memchr(at + 1, '|', (size_t)(end - at - 1));
        if (bar == NULL)
            break;
        cells[count] = cell(at + 1, bar);
        at = bar;
    }
    *out = (example_t){ .file = cells[0], .account = cells[1], .outcome = cells[3] };
    if (count == NUM_COLUMNS)
        out->number = (unsigned)strtoul(cells[0], NULL, 10);
    const bool is_row = out->number != 0 && is_way(&out->way, cells[2]);
    free(cells[2]);
    free(cells[4]);
    if (!is_row) {
        free(out->file);
        free(out->account);
        free(out->outcome);
    }
    return is_row;
}

examples_t examples_read_table(const char *draft)
{
    examples_t examples = { 0 };
    example_t row;
    char *table = read_file(draft, "examples/README.md");
    for (const char *line = table; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        if (read_row(&row, line, len)) {
            examples.items = realloc(examples.items, (examples.count + 1) * sizeof row);
            examples.items[examples.count++] = row;
        }
        line += len + (line[len] == '\n');
    }
    free(table);
    if (examples.count == 0)
        end_program("no table of examples", draft);
    return examples;
}

example_t *examples_find(const examples_t *examples, unsigned number)
{
    for (size_t i = 0; i < examples->count; i++) {
        if (examples->items[i].number == number)
            return &examples->items[i];
    }
    return NULL;
}

/* ---- the texts ----------------------------------------------------------------------------------- */

/* An example stands behind a comment with its file's name, in a CDATA section. */
static char *text_in_xep(const char *xep, const char *file)
{
    static const char begin[] = "<![CDATA[\n", end[] = "]]></example>";
    mod_mls_text_t marker = { 0 };
    mod_mls_text_add(&marker, "<!-- examples/");
    mod_mls_text_add(&marker, file);
    mod_mls_text_add(&marker, " -->\n<example caption='");
    const char *at = strstr(xep, marker.data);
    const char *start = at == NULL ? NULL : strstr(at, begin);
    const char *stop = start == NULL ? NULL : strstr(start, end);
    if (stop == NULL)
        end_program("not in the XEP", file);
    mod_mls_text_clear(&marker);
    start += sizeof begin - 1;
    return mod_mls_strndup(mls_view(start, (size_t)(stop - start)));
}

void examples_read_texts(examples_t *examples, const char *draft)
{
    char *xep = read_file(draft, "xep-mls.xml");
    for (size_t i = 0; i < examples->count; i++)
        examples->items[i].text = text_in_xep(xep, examples->items[i].file);
    free(xep);
}

void examples_write(const examples_t *examples, const char *draft)
{
    char *folder = path_of(draft, "examples");
    for (size_t i = 0; i < examples->count; i++)
        write_file(folder, examples->items[i].file, examples->items[i].text);
    free(folder);
}

void examples_free(examples_t *examples)
{
    for (size_t i = 0; i < examples->count; i++) {
        example_t *e = &examples->items[i];
        free(e->file), free(e->account), free(e->outcome), free(e->text);
    }
    free(examples->items);
    *examples = (examples_t){ 0 };
}
