/* fuzz_mod_mls_xml.c -- stanzas: whatever comes in is refused or a bounded tree, and its texts can be written
 * and read again. */
#include "roundtrip.h"
#include "xml_reader.h"
#include "xml_writer.h"

static void write_and_read(const mod_mls_xml_node_t *node)
{
    mod_mls_xml_writer_t xml = { 0 };
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *again;
    const char *id = mod_mls_xml_attribute(node, "id");
    mod_mls_xml_open(&xml, "a", NULL);
    mod_mls_xml_put(&xml, "id", id);
    mod_mls_xml_add(&xml, mod_mls_xml_text(node));
    fuzz_require(mod_mls_xml_finish(&xml) == MLS_OK, "texts can be written");
    fuzz_require(mod_mls_xml_read(&again, &arena, xml.text.data, xml.text.len) == MLS_OK, "and read again");
    fuzz_require(strcmp(mod_mls_xml_text(again), mod_mls_xml_text(node)) == 0, "the text is the same");
    fuzz_require(id == NULL || mod_mls_xml_attribute_is(again, "id", id), "the attribute is the same");
    mls_arena_clear(&arena);
    mod_mls_text_clear(&xml.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *node;
    if (len <= MOD_MLS_XML_MAX_LEN / 8 && mod_mls_xml_read(&node, &arena, (const char *)data, len) == MLS_OK)
        write_and_read(node);
    mls_arena_clear(&arena);
    return 0;
}
