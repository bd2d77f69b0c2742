/* generate.c -- makes cases, verifies them, and writes them to files: one case on each line. */
#include "generate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_PATH_LEN = 4096 };

const vector_generator_t *const vector_generators[] = {
    &generate_tree_math,
    &generate_crypto_basics,
    &generate_deserialization,
    &generate_secret_tree,
    &generate_message_protection,
    &generate_key_schedule,
    &generate_psk_secret,
    &generate_transcript_hashes,
    &generate_welcome,
    &generate_tree_operations,
    &generate_tree_validation,
    &generate_treekem,
    &generate_messages,
    &generate_passive_client_welcome,
    &generate_passive_client_handling_commit,
    &generate_passive_client_random,
    NULL,
};

typedef struct generator {
    const vector_order_t *order;
    mls_crypto_t *crypto;
    uint64_t random;        /* where the sequence of the case is */
    vector_case_t *running; /* where the log hook writes to */
} generator_t;

/* ---- randomness ---------------------------------------------------------------------------------- */

/* splitmix64. Whoever reads a test vector knows its secrets: what counts is that they follow from a seed. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool fill_random(void *arg, uint8_t *out, size_t len)
{
    generator_t *generator = arg;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)next_random(&generator->random);
    return true;
}

/* Each case has a sequence of its own: it stays what it is whatever else is made. */
static uint64_t case_seed(uint64_t seed, const char *kind, uint16_t suite, size_t number)
{
    uint64_t state = seed;
    for (; *kind != '\0'; kind++)
        state = next_random(&state) ^ (uint8_t)*kind;
    state = next_random(&state) ^ suite;
    return next_random(&state) ^ number;
}

/* ---- cases --------------------------------------------------------------------------------------- */

static void note_rule(void *arg, mls_status_t status, const char *rule, const char *section, const char *text)
{
    const generator_t *generator = arg;
    (void)status;
    if (generator->running != NULL)
        snprintf(generator->running->rule, sizeof generator->running->rule, "%s, RFC 9420, Section %s: %s",
                 rule, section, text);
}

/* Does with the case what a reader of the file will do. */
static void verify(vector_case_t *c)
{
    const vector_kind_t *kind = vector_kind_of(c->json);
    if (vector_good(c) && vector_check(c, "case", kind != NULL, "is of no kind that is known here"))
        kind->verify(c);
}

static bool write_case(const cJSON *json, FILE *file, bool is_first)
{
    char *text = cJSON_PrintUnformatted(json);
    const bool good = text != NULL && fprintf(file, "%s%s", is_first ? "" : ",\n", text) > 0;
    cJSON_free(text);
    return good;
}

/* `suite` NULL: the case names none. */
static bool make_case(generator_t *generator, const vector_generator_t *kind, const mls_suite_t *suite,
                      size_t number, FILE *file, bool is_first)
{
    cJSON *json = cJSON_CreateObject();
    vector_case_t c = { .json = json, .crypto = generator->crypto, .suite = suite };

    generator->running = &c;
    generator->random = case_seed(generator->order->seed, kind->name, suite == NULL ? 0 : suite->id, number);
    vector_check(&c, "case",
                 json != NULL &&
                     (suite == NULL || cJSON_AddNumberToObject(json, "cipher_suite", suite->id) != NULL),
                 "no memory");
    /* A few cases of each suite are to be of all variants. */
    if (vector_good(&c))
        kind->make(&c, json, (number + (suite == NULL ? 0 : suite->id)) % kind->num_cases);
    vector_at(&c, "when verified: %s", "");
    verify(&c);
    generator->running = NULL;
    if (!vector_good(&c))
        fprintf(stderr, "mls-vectors: %s: case %zu of cipher suite %u: %s\n", kind->name, number,
                suite == NULL ? 0u : (unsigned)suite->id, c.failure);
    const bool good = vector_good(&c) && write_case(json, file, is_first);
    mls_arena_clear(&c.arena);
    cJSON_Delete(json);
    return good;
}

/* ---- files --------------------------------------------------------------------------------------- */

static bool write_cases(generator_t *generator, const vector_generator_t *kind, FILE *file)
{
    const vector_order_t *order = generator->order;
    const size_t num_suites = kind->has_suite ? order->num_suites : 1;
    const bool is_short = kind->has_suite && order->max_cases > 0 && order->max_cases < kind->num_cases;
    const size_t num_cases = is_short ? order->max_cases : kind->num_cases;
    bool good = fputs("[\n", file) >= 0;

    for (size_t i = 0; i < num_suites; i++) {
        const mls_suite_t *suite = kind->has_suite ? mls_suite_find(order->suites[i]) : NULL;
        for (size_t number = 0; good && number < num_cases; number++)
            good = make_case(generator, kind, suite, number, file, i == 0 && number == 0);
    }
    return good && fputs("\n]\n", file) >= 0;
}

static bool write_file(generator_t *generator, const vector_generator_t *kind, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        fprintf(stderr, "mls-vectors: %s: %s\n", path, strerror(errno));
        return false;
    }
    const bool good = write_cases(generator, kind, file);
    const bool written = ferror(file) == 0;
    if (fclose(file) != 0 || !written)
        fprintf(stderr, "mls-vectors: %s cannot be written\n", path);
    return good && written;
}

static bool write_kind(generator_t *generator, const vector_generator_t *kind)
{
    const vector_order_t *order = generator->order;
    char path[MAX_PATH_LEN];
    if (order->output == NULL)
        return write_cases(generator, kind, stdout);
    if (order->kind != NULL)
        return write_file(generator, kind, order->output);
    const int len = snprintf(path, sizeof path, "%s/%s.json", order->output, kind->name);
    if (len < 0 || len >= (int)sizeof path) {
        fprintf(stderr, "mls-vectors: %s: too long a name\n", order->output);
        return false;
    }
    return write_file(generator, kind, path);
}

bool vector_generate(const vector_order_t *order)
{
    generator_t generator = { .order = order };
    const mls_crypto_config_t config = { .arg = &generator, .random = fill_random, .log = note_rule };
    bool good = true;

    if (mls_crypto_new(&generator.crypto, &config) != MLS_OK) {
        fprintf(stderr, "mls-vectors: the crypto libraries do not start\n");
        return false;
    }
    for (size_t i = 0; good && vector_generators[i] != NULL; i++)
        if (order->kind == NULL || strcmp(order->kind, vector_generators[i]->name) == 0)
            good = write_kind(&generator, vector_generators[i]);
    mls_crypto_free(generator.crypto);
    return good;
}
