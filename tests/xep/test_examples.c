/* test_examples DRAFT: plays the conversation of the examples with the texts as they stand in
 * DRAFT/xep-mls.xml. What clients receive is fed to them and must have the outcome that the table says; what
 * they send must be the example. */
#include "conversation.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    play_t play;
    if (argc != 2) {
        fprintf(stderr, "usage: test_examples DRAFT\n");
        return 2;
    }
    examples_t examples = examples_read_table(argv[1]);
    examples_read_texts(&examples, argv[1]);
    play_start(&play, &examples);
    conversation_play(&play);
    const bool is_good = play_end(&play);
    printf("%zu examples, %u failures\n", examples.count, play.num_failures);
    if (!is_good)
        printf("If what mod_mls sends has changed and was meant to, build the target xep-examples.\n");
    examples_free(&examples);
    return is_good ? 0 : 1;
}
