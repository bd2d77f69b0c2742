/* examples.h -- the examples of the XEP: the table that says what each is for, and their texts. */
#ifndef EXAMPLES_H
#define EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>

typedef enum example_way {
    EXAMPLE_IN,    /* a stanza that the account's client receives */
    EXAMPLE_OUT,   /* one that it sends */
    EXAMPLE_INSIDE /* the plaintext of an application message */
} example_way_t;

typedef struct example {
    unsigned number; /* the file's name begins with it */
    char *file;
    char *account; /* "alice", "bob2", … */
    example_way_t way;
    char *outcome; /* as in the table: "event invitation" */
    char *text;    /* NULL: not made yet */
    bool was_met;  /* the conversation came to it */
} example_t;

typedef struct examples {
    example_t *items; /* in the order of the table */
    size_t count;
} examples_t;

/* Reads the table in DRAFT/examples/README.md; the texts are left out. Ends the program, with a word, if
 * there is none. */
examples_t examples_read_table(const char *draft);
/* Reads the texts as they stand in DRAFT/xep-mls.xml; one that is missing ends the program. */
void examples_read_texts(examples_t *examples, const char *draft);
/* Writes each text to its file in DRAFT/examples. */
void examples_write(const examples_t *examples, const char *draft);
void examples_free(examples_t *examples);

/* NULL: the table has no such row. */
example_t *examples_find(const examples_t *examples, unsigned number);

#endif
