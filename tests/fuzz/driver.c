/* driver.c -- runs a fuzz target without libFuzzer: over files, and over mutations of them.
 *
 *     fuzz_x [--mutations N] [FILE | FOLDER]…
 *
 * The mutations come from a seed that is printed first; MLS_TEST_SEED in the environment sets it. The input
 * that ended the program is written to <program>.crash in the current folder: run the program with it alone.
 * A folder that is not there is empty: then the mutations start from the empty input. */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_INPUT_LEN = 1 << 20, MAX_GROWTH = 256, MAX_EDITS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Of the sanitizers; not there in other builds. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));

typedef struct input {
    uint8_t *data;
    size_t len; /* bytes */
} input_t;

typedef struct corpus {
    input_t *inputs;
    size_t num_inputs;
} corpus_t;

/* What the handlers of a crash need: they get no argument. */
static struct {
    const char *program;
    input_t input;
} running;

static void write_crash(void)
{
    char path[4096];
    const char *slash = strrchr(running.program, '/');
    snprintf(path, sizeof path, "%s.crash", slash == NULL ? running.program : slash + 1);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return;
    size_t written = fwrite(running.input.data, 1, running.input.len, file);
    if (fclose(file) == 0 && written == running.input.len)
        fprintf(stderr, "the input, %zu bytes, is in %s\n", running.input.len, path);
}

static void on_signal(int signal_number)
{
    write_crash();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void catch_crashes(const char *program)
{
    running.program = program;
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(write_crash);
    else
        signal(SIGSEGV, on_signal);
    signal(SIGABRT, on_signal);
}

static void *allocate(size_t len)
{
    void *block = malloc(len > 0 ? len : 1);
    if (block == NULL) {
        fprintf(stderr, "no memory\n");
        exit(EXIT_FAILURE);
    }
    return block;
}

/* Runs the target on a copy of exactly this length, so that a sanitizer sees the first byte beyond it. */
static void run_target(const uint8_t *data, size_t len)
{
    running.input = (input_t){ allocate(len), len };
    if (len > 0)
        memcpy(running.input.data, data, len);
    if (LLVMFuzzerTestOneInput(running.input.data, len) != 0)
        abort();
    free(running.input.data);
    running.input = (input_t){ NULL, 0 };
}

static void corpus_add(corpus_t *corpus, input_t input)
{
    input_t *inputs = realloc(corpus->inputs, (corpus->num_inputs + 1) * sizeof *inputs);
    if (inputs == NULL) {
        fprintf(stderr, "no memory\n");
        exit(EXIT_FAILURE);
    }
    corpus->inputs = inputs;
    corpus->inputs[corpus->num_inputs++] = input;
}

static void corpus_read_file(corpus_t *corpus, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    uint8_t *data = allocate(MAX_INPUT_LEN);
    size_t len = fread(data, 1, MAX_INPUT_LEN, file);
    fclose(file);
    corpus_add(corpus, (input_t){ data, len });
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of the names: the same seed gives the same mutations on every machine. */
static void corpus_read_folder(corpus_t *corpus, const char *folder)
{
    struct dirent **entries = NULL;
    int num_entries = scandir(folder, &entries, is_visible, alphasort);
    for (int i = 0; i < num_entries; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        corpus_read_file(corpus, path);
        free(entries[i]);
    }
    free(entries);
}

static void corpus_read(corpus_t *corpus, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        fprintf(stderr, "%s: not there, taken as empty\n", path);
    else if (S_ISDIR(info.st_mode))
        corpus_read_folder(corpus, path);
    else
        corpus_read_file(corpus, path);
}

static void corpus_clear(corpus_t *corpus)
{
    for (size_t i = 0; i < corpus->num_inputs; i++)
        free(corpus->inputs[i].data);
    free(corpus->inputs);
    *corpus = (corpus_t){ NULL, 0 };
}

/* splitmix64: a seed makes the same sequence everywhere. Not for secrets. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t random_below(uint64_t *state, size_t bound)
{
    return (size_t)(next_random(state) % bound);
}

static void insert_bytes(input_t *input, size_t at, size_t len, uint64_t *state)
{
    memmove(input->data + at + len, input->data + at, input->len - at);
    for (size_t i = 0; i < len; i++)
        input->data[at + i] = (uint8_t)next_random(state);
    input->len += len;
}

static void delete_bytes(input_t *input, size_t at, size_t len)
{
    if (len > input->len - at)
        len = input->len - at;
    memmove(input->data + at, input->data + at + len, input->len - at - len);
    input->len -= len;
}

/* One edit of the kinds that break decoders: lengths off by a bit or a byte, truncation, trailing bytes. */
static void edit(input_t *input, size_t capacity, uint64_t *state)
{
    static const uint8_t edges[] = { 0x00, 0x01, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff };
    size_t at = input->len == 0 ? 0 : random_below(state, input->len);
    size_t len = 1 + random_below(state, MAX_GROWTH / MAX_EDITS);
    size_t kind = random_below(state, 5);

    if (input->len == 0 || kind == 0) {
        if (len <= capacity - input->len)
            insert_bytes(input, at, len, state);
    } else if (kind == 1) {
        delete_bytes(input, at, len);
    } else if (kind == 2) {
        input->data[at] ^= (uint8_t)(1u << random_below(state, 8));
    } else if (kind == 3) {
        input->data[at] = edges[random_below(state, sizeof edges)];
    } else {
        input->len = at;
    }
}

static void run_mutations(const corpus_t *corpus, unsigned long num_mutations, uint64_t seed)
{
    static const input_t empty = { NULL, 0 };
    uint64_t state = seed;

    for (unsigned long i = 0; i < num_mutations; i++) {
        const input_t *origin =
            corpus->num_inputs == 0 ? &empty : &corpus->inputs[random_below(&state, corpus->num_inputs)];
        size_t capacity = origin->len + MAX_GROWTH;
        input_t input = { allocate(capacity), origin->len };
        if (origin->len > 0)
            memcpy(input.data, origin->data, origin->len);
        for (size_t num_edits = 1 + random_below(&state, MAX_EDITS); num_edits > 0; num_edits--)
            edit(&input, capacity, &state);
        run_target(input.data, input.len);
        free(input.data);
    }
}

static uint64_t choose_seed(void)
{
    const char *text = getenv("MLS_TEST_SEED");
    if (text != NULL)
        return strtoull(text, NULL, 0);
    struct timespec now = { 0 };
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec << 30) ^ (uint64_t)now.tv_nsec ^ (uint64_t)getpid();
}

int main(int argc, char **argv)
{
    corpus_t corpus = { NULL, 0 };
    unsigned long num_mutations = 0;

    catch_crashes(argv[0]);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--mutations") == 0 && i + 1 < argc)
            num_mutations = strtoul(argv[++i], NULL, 10);
        else
            corpus_read(&corpus, argv[i]);
    }
    uint64_t seed = choose_seed();
    printf("%zu inputs, %lu mutations, MLS_TEST_SEED=%llu\n", corpus.num_inputs, num_mutations,
           (unsigned long long)seed);
    fflush(stdout);

    for (size_t i = 0; i < corpus.num_inputs; i++)
        run_target(corpus.inputs[i].data, corpus.inputs[i].len);
    run_mutations(&corpus, num_mutations, seed);
    corpus_clear(&corpus);
    return EXIT_SUCCESS;
}
