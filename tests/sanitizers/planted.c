/* planted.c -- does one thing that a sanitizer must report, chosen by its argument; `nothing` does none.
 *
 * The values go through volatile objects: no compiler sees the fault coming, warns of it or removes it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void overflow_heap(void)
{
    volatile size_t len = 16;
    char *volatile block = malloc(len);
    volatile char *bytes = block;
    if (bytes != NULL)
        bytes[len] = 1;
    free(block);
}

static void use_after_free(void)
{
    char *volatile block = malloc(16);
    volatile char *bytes = block;
    free(block);
    if (bytes != NULL)
        bytes[0] = 1;
}

static void overflow_integer(void)
{
    volatile int number = INT_MAX;
    number = number + 1;
}

static void leak(void)
{
    char *volatile block = malloc(16);
    if (block != NULL)
        block = NULL; /* nothing points to it any more */
}

static void nothing(void)
{
}

static const struct {
    const char *name;
    void (*run)(void);
} plants[] = {
    { "heap-overflow", overflow_heap },
    { "use-after-free", use_after_free },
    { "integer-overflow", overflow_integer },
    { "leak", leak },
    { "nothing", nothing },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof plants / sizeof *plants; i++) {
        if (strcmp(argv[1], plants[i].name) == 0) {
            plants[i].run();
            puts("done");
            return EXIT_SUCCESS;
        }
    }
    fprintf(stderr, "usage: planted heap-overflow | use-after-free | integer-overflow | leak | nothing\n");
    return EXIT_FAILURE;
}
