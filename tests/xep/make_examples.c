/* make_examples DRAFT: rewrites DRAFT/examples/ with what real clients send and receive. Writes nothing
 * unless every outcome is the one in the table. Then DRAFT/update-examples puts the files into the XEP. */
#include "conversation.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    play_t play;
    if (argc != 2) {
        fprintf(stderr, "usage: make_examples DRAFT\n");
        return 2;
    }
    examples_t examples = examples_read_table(argv[1]);
    play_start(&play, &examples);
    conversation_play(&play);
    const bool is_good = play_end(&play);
    if (is_good)
        examples_write(&examples, argv[1]);
    printf("%zu examples %s\n", examples.count, is_good ? "written" : "not written");
    examples_free(&examples);
    return is_good ? 0 : 1;
}
