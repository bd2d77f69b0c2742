/* mls_vectors.c -- runs the test vectors of the MLS working group, and makes others of the same kinds.
 *
 * Files are known by their content, folders are read with what is below them. Prints a line for each file and
 * one for each failed case, and ends with the sum over all cases. A case of a cipher suite that is not in
 * this build is skipped. The exit status is 0 if something was read and nothing failed. */
#define _POSIX_C_SOURCE 200809L

#include "vectors/generate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MAX_FILE_LEN = 1 << 28, MAX_PATH_LEN = 4096, MAX_SUITES = 64 };

typedef struct tally {
    size_t passed, failed, skipped;
} tally_t;

typedef struct skipped_suite {
    uint16_t id;
    size_t num_cases;
} skipped_suite_t;

typedef struct runner {
    mls_crypto_t *crypto;
    vector_case_t *running; /* where the log hook writes to */
    tally_t total;
    skipped_suite_t suites[MAX_SUITES];
    size_t num_suites;
} runner_t;

/* ---- cases --------------------------------------------------------------------------------------- */

static void note_rule(void *arg, mls_status_t status, const char *rule, const char *section, const char *text)
{
    const runner_t *runner = arg;
    (void)status;
    if (runner->running != NULL)
        snprintf(runner->running->rule, sizeof runner->running->rule, "%s, RFC 9420, Section %s: %s", rule,
                 section, text);
}

static void count_skipped(runner_t *runner, uint16_t id)
{
    size_t i = 0;
    while (i < runner->num_suites && runner->suites[i].id != id)
        i++;
    if (i == MAX_SUITES)
        return;
    if (i == runner->num_suites)
        runner->suites[runner->num_suites++] = (skipped_suite_t){ .id = id };
    runner->suites[i].num_cases++;
}

/* Whether the case is of a cipher suite that is not here; `*suite` becomes the one that it names, if any. */
static bool is_skipped(runner_t *runner, const mls_suite_t **suite, const cJSON *json)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "cipher_suite");
    *suite = NULL;
    if (!cJSON_IsNumber(item) || item->valueint < 0 || item->valueint > UINT16_MAX)
        return false;
    *suite = mls_suite_find((uint16_t)item->valueint);
    if (*suite == NULL)
        count_skipped(runner, (uint16_t)item->valueint);
    return *suite == NULL;
}

static void run_case(runner_t *runner, tally_t *tally, const char *path, const cJSON *json, size_t number)
{
    vector_case_t c = { .json = json, .crypto = runner->crypto };
    const vector_kind_t *kind = vector_kind_of(json);

    if (kind != NULL && is_skipped(runner, &c.suite, json)) {
        tally->skipped++;
        return;
    }
    runner->running = &c;
    if (vector_check(&c, "case", kind != NULL, "is of no kind that is known here"))
        kind->verify(&c);
    runner->running = NULL;
    if (vector_good(&c)) {
        tally->passed++;
    } else {
        tally->failed++;
        printf("%s: case %zu: %s\n", path, number, c.failure);
    }
    mls_arena_clear(&c.arena);
}

static void run_cases(runner_t *runner, const char *path, const cJSON *array)
{
    const vector_kind_t *kind = vector_kind_of(array->child);
    const cJSON *json;
    tally_t tally = { 0 };
    size_t number = 0;

    cJSON_ArrayForEach(json, array) run_case(runner, &tally, path, json, number++);
    printf("%s: %s: %zu passed, %zu failed, %zu skipped\n", path, kind == NULL ? "unknown" : kind->name,
           tally.passed, tally.failed, tally.skipped);
    runner->total.passed += tally.passed;
    runner->total.failed += tally.failed;
    runner->total.skipped += tally.skipped;
}

/* ---- files --------------------------------------------------------------------------------------- */

static void fail_file(runner_t *runner, const char *path, const char *text)
{
    printf("%s: %s\n", path, text);
    runner->total.failed++;
}

/* The whole file with a NUL behind it; NULL: not readable. */
static char *read_file(const char *path, size_t len)
{
    FILE *file = fopen(path, "rb");
    char *text = file == NULL ? NULL : malloc(len + 1);
    if (text != NULL && fread(text, 1, len, file) != len) {
        free(text);
        text = NULL;
    }
    if (text != NULL)
        text[len] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

/* Vectors are an array of objects: what begins otherwise is something else, that may lie beside them. */
static bool may_be_vectors(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '[';
}

static void run_file(runner_t *runner, const char *path, size_t len, bool was_named)
{
    char *text = len > MAX_FILE_LEN ? NULL : read_file(path, len);
    if (text == NULL) {
        fail_file(runner, path, "cannot be read");
        return;
    }
    if (!may_be_vectors(text)) {
        if (was_named)
            fail_file(runner, path, "no test vectors");
        else
            printf("%s: no test vectors, left out\n", path);
        free(text);
        return;
    }
    cJSON *json = cJSON_ParseWithLength(text, len);
    if (!cJSON_IsArray(json) || !cJSON_IsObject(json->child))
        fail_file(runner, path, "no array of cases in JSON");
    else
        run_cases(runner, path, json);
    cJSON_Delete(json);
    free(text);
}

/* ---- folders ------------------------------------------------------------------------------------- */

/* What is still to be read, the next one last. */
typedef struct path_stack {
    char **paths;
    size_t count;
} path_stack_t;

static bool push_path(path_stack_t *stack, const char *path)
{
    char **paths = realloc(stack->paths, (stack->count + 1) * sizeof *paths);
    if (paths == NULL)
        return false;
    stack->paths = paths;
    if ((paths[stack->count] = strdup(path)) == NULL)
        return false;
    stack->count++;
    return true;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Puts the entries of a folder on the stack so that they are read in the order of their names. */
static bool push_folder(path_stack_t *stack, const char *folder)
{
    struct dirent **entries = NULL;
    int num_entries = scandir(folder, &entries, is_visible, alphasort);
    bool good = num_entries >= 0;

    while (num_entries-- > 0) {
        char path[MAX_PATH_LEN];
        const int len = snprintf(path, sizeof path, "%s/%s", folder, entries[num_entries]->d_name);
        good = good && len < (int)sizeof path && push_path(stack, path);
        free(entries[num_entries]);
    }
    free(entries);
    return good;
}

static void run_path(runner_t *runner, path_stack_t *stack, const char *path, bool was_named)
{
    struct stat info;
    if (stat(path, &info) != 0)
        fail_file(runner, path, strerror(errno));
    else if (S_ISREG(info.st_mode))
        run_file(runner, path, (size_t)info.st_size, was_named);
    else if (S_ISDIR(info.st_mode) && !push_folder(stack, path))
        fail_file(runner, path, "cannot be read");
}

static void run_argument(runner_t *runner, const char *argument)
{
    path_stack_t stack = { 0 };
    run_path(runner, &stack, argument, true);
    while (stack.count > 0) {
        char *path = stack.paths[--stack.count];
        run_path(runner, &stack, path, false);
        free(path);
    }
    free(stack.paths);
}

/* ---- the whole ----------------------------------------------------------------------------------- */

/* RFC 9420, Section 17.1: also those that are not in this build; NULL for any other. */
static const char *suite_name(uint16_t id)
{
    static const char *const names[] = {
        [MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519] = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
        [MLS_128_DHKEMP256_AES128GCM_SHA256_P256] = "MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
        [MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519] =
            "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519",
        [MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448] = "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448",
        [MLS_256_DHKEMP521_AES256GCM_SHA512_P521] = "MLS_256_DHKEMP521_AES256GCM_SHA512_P521",
        [MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448] = "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448",
        [MLS_256_DHKEMP384_AES256GCM_SHA384_P384] = "MLS_256_DHKEMP384_AES256GCM_SHA384_P384",
    };
    const char *name = id < sizeof names / sizeof *names ? names[id] : NULL;
    return name;
}

static void print_skipped(const skipped_suite_t *suite)
{
    const char *name = suite_name(suite->id);
    printf("cipher suite 0x%04x, %s: %zu skipped, %s\n", (unsigned)suite->id, name == NULL ? "unknown" : name,
           suite->num_cases, name == NULL ? "RFC 9420 has none" : "this build of libmls is without OpenSSL");
}

static void print_sums(const runner_t *runner)
{
    for (size_t i = 0; i < runner->num_suites; i++)
        print_skipped(&runner->suites[i]);
    printf("%zu passed, %zu failed, %zu skipped\n", runner->total.passed, runner->total.failed,
           runner->total.skipped);
}

static int verify_all(int num_paths, char **paths)
{
    runner_t runner = { 0 };
    const mls_crypto_config_t config = { .arg = &runner, .log = note_rule };

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* what was read before a crash is to be seen */
    if (mls_crypto_new(&runner.crypto, &config) != MLS_OK) {
        fprintf(stderr, "mls-vectors: the crypto libraries do not start\n");
        return 2;
    }
    for (int i = 0; i < num_paths; i++)
        run_argument(&runner, paths[i]);
    print_sums(&runner);
    mls_crypto_free(runner.crypto);
    return runner.total.failed == 0 && runner.total.passed + runner.total.skipped > 0 ? 0 : 1;
}

/* ---- the command line ---------------------------------------------------------------------------- */

static const char help[] =
    "usage: mls-vectors FILE-or-FOLDER...\n"
    "           verifies test vectors: files of the kinds below, known by their content\n"
    "       mls-vectors --generate [KIND] [--seed N] [--suite S]... [--cases N]\n"
    "                   [--output FILE-or-FOLDER]\n"
    "           makes test vectors of one KIND, or of all\n"
    "\n"
    "  --generate [KIND]  the kind; without it all of them, each into a file KIND.json of a folder\n"
    "  --seed N           what the cases follow from; 0 if not given. Signatures by ECDSA, and what is\n"
    "                     made of them, are different each time; all else is always the same\n"
    "  --suite S          a cipher suite of the cases, like 3 or 0x0003; may be given several times;\n"
    "                     without it all of this build\n"
    "  --cases N          at most so many cases of each suite\n"
    "  --output PATH, -o  the file for one kind, by default standard output; the folder for all\n"
    "\n"
    "Kinds, in the formats of https://github.com/mlswg/mls-implementations (test-vectors.md):\n";

static void print_help(FILE *out)
{
    fputs(help, out);
    for (size_t i = 0; vector_generators[i] != NULL; i++)
        fprintf(out, "  %-32s%s\n", vector_generators[i]->name, vector_generators[i]->content);
}

static int complain(const char *text, const char *argument)
{
    fprintf(stderr, "mls-vectors: %s%s; --help tells more\n", text, argument);
    return 2;
}

static bool is_kind(const char *name)
{
    for (size_t i = 0; vector_generators[i] != NULL; i++)
        if (strcmp(vector_generators[i]->name, name) == 0)
            return true;
    return false;
}

static bool read_number(uint64_t *out, const char *text, uint64_t max)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 0);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out <= max;
}

static bool add_suite(vector_order_t *order, const char *text)
{
    uint64_t id;
    if (order->num_suites == VECTOR_MAX_SUITES || !read_number(&id, text, UINT16_MAX) ||
        mls_suite_find((uint16_t)id) == NULL)
        return false;
    order->suites[order->num_suites++] = (uint16_t)id;
    return true;
}

static int read_option(vector_order_t *order, const char *option, const char *value)
{
    uint64_t number;
    if (strcmp(option, "--seed") == 0)
        return read_number(&order->seed, value, UINT64_MAX) ? 0 : complain("not a number: ", value);
    if (strcmp(option, "--suite") == 0)
        return add_suite(order, value) ? 0 : complain("no cipher suite of this build: ", value);
    if (strcmp(option, "--cases") == 0) {
        if (!read_number(&number, value, UINT32_MAX) || number == 0)
            return complain("not a number of cases: ", value);
        order->max_cases = (size_t)number;
        return 0;
    }
    if ((strcmp(option, "--output") != 0 && strcmp(option, "-o") != 0) || value[0] == '\0')
        return complain("not understood: ", option);
    order->output = value;
    return 0;
}

/* Puts the arguments behind --generate into an order. */
static int read_order(vector_order_t *order, int argc, char **argv)
{
    int i = 0, status = 0;
    if (argc > 0 && argv[0][0] != '-')
        order->kind = argv[i++];
    if (order->kind != NULL && !is_kind(order->kind))
        return complain("no such kind: ", order->kind);
    for (; i < argc && status == 0; i += 2)
        status = read_option(order, argv[i], i + 1 < argc ? argv[i + 1] : "");
    if (status == 0 && order->kind == NULL && order->output == NULL)
        return complain("all kinds go into a folder: name it with --output", "");
    if (order->num_suites == 0)
        order->num_suites = mls_crypto_suites(order->suites, VECTOR_MAX_SUITES);
    return status;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help(stdout);
        return 0;
    }
    if (argc >= 2 && strcmp(argv[1], "--generate") == 0) {
        vector_order_t order = { 0 };
        const int status = read_order(&order, argc - 2, argv + 2);
        return status != 0 ? status : vector_generate(&order) ? 0 : 1;
    }
    if (argc < 2 || argv[1][0] == '-') {
        print_help(stderr);
        return 2;
    }
    return verify_all(argc - 1, argv + 1);
}
