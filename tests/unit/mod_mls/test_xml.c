/* Reading and writing XML, and what is between: envelopes, times, JIDs. */
#include "envelope.h"
#include "jid.h"
#include "timestamp.h"
#include "xml_reader.h"
#include "xml_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static mls_status_t read_text(const char *xml)
{
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *node;
    mls_status_t status = mod_mls_xml_read(&node, &arena, xml, strlen(xml));
    if (status != MLS_OK)
        assert_null(node);
    mls_arena_clear(&arena);
    return status;
}

static void xml__reads_a_tree(void **state)
{
    static const char xml[] =
        "<a xmlns='n' x='1' xml:lang='en'>one<b/>two<c xmlns='m' y='&lt;&#10;'>three</c></a>";
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *a;
    (void)state;
    assert_int_equal(mod_mls_xml_read(&a, &arena, xml, strlen(xml)), MLS_OK);
    assert_true(mod_mls_xml_is(a, "a", "n"));
    assert_string_equal(mod_mls_xml_text(a), "onetwo");
    assert_string_equal(mod_mls_xml_attribute(a, "x"), "1");
    assert_null(mod_mls_xml_attribute(a, "lang"));
    const mod_mls_xml_node_t *c = mod_mls_xml_child(a, "c", "m");
    assert_string_equal(mod_mls_xml_text(c), "three");
    assert_string_equal(mod_mls_xml_attribute(c, "y"), "<\n");
    assert_null(mod_mls_xml_child(a, "c", "n"));
    assert_null(mod_mls_xml_child(NULL, "c", "n"));
    mls_arena_clear(&arena);
}

static void xml__rejects_what_xmpp_forbids(void **state)
{
    (void)state;
    assert_int_equal(read_text("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), MLS_ERR_MALFORMED);
    assert_int_equal(read_text("<a><!-- c --></a>"), MLS_ERR_MALFORMED);
    assert_int_equal(read_text("<?pi x?><a/>"), MLS_ERR_MALFORMED);
    assert_int_equal(read_text("<a/><b/>"), MLS_ERR_MALFORMED);
    assert_int_equal(read_text("<a>\xff</a>"), MLS_ERR_MALFORMED);
    assert_int_equal(read_text(""), MLS_ERR_MALFORMED);
    assert_int_equal(read_text("<a"), MLS_ERR_MALFORMED);
}

static mls_status_t read_nested(size_t depth)
{
    mod_mls_text_t text = { 0 };
    for (size_t i = 0; i < depth; i++)
        mod_mls_text_add(&text, "<a>");
    for (size_t i = 0; i < depth; i++)
        mod_mls_text_add(&text, "</a>");
    mls_status_t status = read_text(text.data);
    mod_mls_text_clear(&text);
    return status;
}

static mls_status_t read_wide(size_t count)
{
    mod_mls_text_t text = { 0 };
    mod_mls_text_add(&text, "<a>");
    for (size_t i = 0; i < count; i++)
        mod_mls_text_add(&text, "<b/>");
    mod_mls_text_add(&text, "</a>");
    mls_status_t status = read_text(text.data);
    mod_mls_text_clear(&text);
    return status;
}

static void xml__bounds_depth_nodes_and_size(void **state)
{
    (void)state;
    assert_int_equal(read_nested(MOD_MLS_XML_MAX_DEPTH), MLS_OK);
    assert_int_equal(read_nested(MOD_MLS_XML_MAX_DEPTH + 1), MLS_ERR_LIMIT);
    assert_int_equal(read_wide(MOD_MLS_XML_MAX_NODES - 1), MLS_OK);
    assert_int_equal(read_wide(MOD_MLS_XML_MAX_NODES), MLS_ERR_LIMIT);
    char *huge = calloc(1, MOD_MLS_XML_MAX_LEN + 2);
    memset(huge, ' ', MOD_MLS_XML_MAX_LEN + 1);
    assert_int_equal(read_text(huge), MLS_ERR_LIMIT);
    free(huge);
}

static void xml__written_text_is_read_back(void **state)
{
    static const char text[] = "<&>'\"\t\r\n \xc3\xa9 ]]> &amp;";
    mod_mls_xml_writer_t xml = { 0 };
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *node;
    (void)state;
    mod_mls_xml_open(&xml, "a", "n");
    mod_mls_xml_put(&xml, "x", text);
    mod_mls_xml_put(&xml, "none", NULL);
    mod_mls_xml_leaf(&xml, "b", NULL, text);
    assert_int_equal(mod_mls_xml_finish(&xml), MLS_OK);
    assert_int_equal(mod_mls_xml_read(&node, &arena, xml.text.data, xml.text.len), MLS_OK);
    assert_string_equal(mod_mls_xml_attribute(node, "x"), text);
    assert_null(mod_mls_xml_attribute(node, "none"));
    assert_string_equal(mod_mls_xml_text(mod_mls_xml_child(node, "b", "n")), text);
    mls_arena_clear(&arena);
    mod_mls_text_clear(&xml.text);
}

static void xml__replaces_what_xml_cannot_hold(void **state)
{
    mod_mls_xml_writer_t xml = { 0 };
    (void)state;
    mod_mls_xml_leaf(&xml, "a", NULL, "\x01|\xef\xbf\xbf|\x1b[31m");
    assert_int_equal(mod_mls_xml_finish(&xml), MLS_OK);
    assert_string_equal(xml.text.data, "<a>\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd[31m</a>");
    assert_int_equal(read_text(xml.text.data), MLS_OK);
    mod_mls_text_clear(&xml.text);
}

static void utf8__accepts_and_rejects(void **state)
{
    static const char *const bad[] = { "\x80",
                                       "\xc0\x80",
                                       "\xc3",
                                       "\xe0\x80\x80",
                                       "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80",
                                       "\xf8\x88\x80\x80\x80",
                                       "\xff" };
    (void)state;
    assert_true(mod_mls_utf8_is_valid(mls_view_text("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(mod_mls_utf8_is_valid(mls_view_text(bad[i])));
}

static void jid__is_bare(void **state)
{
    static const char *const good[] = { "example.org", "a@example.org", "\xc3\xa9@example.org", "a.b+c@x" };
    static const char *const bad[] = { "", "@x", "a@", "a@b@c", "a@x/r", "a b@x", "a@x\n", "\xff@x" };
    char longest[MOD_MLS_JID_MAX + 2];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(mod_mls_jid_is_bare(mls_view_text(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(mod_mls_jid_is_bare(mls_view_text(bad[i])));
    memset(longest, 'a', sizeof longest);
    assert_true(mod_mls_jid_is_bare(mls_view(longest, MOD_MLS_JID_MAX)));
    assert_false(mod_mls_jid_is_bare(mls_view(longest, MOD_MLS_JID_MAX + 1)));
}

static void timestamp__writes_and_reads(void **state)
{
    char out[MOD_MLS_TIMESTAMP_SIZE];
    uint64_t ms;
    (void)state;
    mod_mls_timestamp_write(out, UINT64_C(1795428000123));
    assert_string_equal(out, "2026-11-23T10:00:00Z");
    assert_true(mod_mls_timestamp_read(&ms, out));
    assert_int_equal(ms, UINT64_C(1795428000000));
    assert_true(mod_mls_timestamp_read(&ms, "2026-11-23T12:00:00.1239+02:00"));
    assert_int_equal(ms, UINT64_C(1795428000123));
    assert_true(mod_mls_timestamp_read(&ms, "1970-01-01T00:00:00Z"));
    assert_int_equal(ms, 0);
    assert_true(mod_mls_timestamp_read(&ms, "2024-02-29T23:59:60Z"));
}

static void timestamp__rejects(void **state)
{
    static const char *const bad[] = { "",
                                       "2026-11-23",
                                       "2026-11-23T10:00:00",
                                       "2026-13-01T00:00:00Z",
                                       "1969-12-31T23:59:59Z",
                                       "2026-11-23T10:00:00Zx",
                                       "2026-11-23T24:00:00Z",
                                       "2026-11-23T10:00:00+15:00" };
    uint64_t ms;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(mod_mls_timestamp_read(&ms, bad[i]));
    assert_false(mod_mls_timestamp_read(&ms, NULL));
}

static void envelope__carries_a_text(void **state)
{
    mod_mls_text_t envelope;
    char *body;
    uint64_t sent_at;
    (void)state;
    assert_int_equal(mod_mls_envelope_write(&envelope, "Hello & <you>", UINT64_C(1795428000000)), MLS_OK);
    assert_string_equal(envelope.data,
                        "<envelope xmlns='urn:xmpp:sce:1'><content><body xmlns='jabber:client'>Hello &amp; "
                        "&lt;you&gt;</body></content><time stamp='2026-11-23T10:00:00Z'/></envelope>");
    assert_int_equal(mod_mls_envelope_read(&body, &sent_at, mls_view(envelope.data, envelope.len)), MLS_OK);
    assert_string_equal(body, "Hello & <you>");
    assert_int_equal(sent_at, UINT64_C(1795428000000));
    free(body);
    mod_mls_text_clear(&envelope);
}

static void envelope__rejects(void **state)
{
    char *body;
    uint64_t sent_at;
    (void)state;
    assert_int_equal(mod_mls_envelope_read(&body, &sent_at, mls_view_text("hello")), MLS_ERR_MALFORMED);
    assert_int_equal(mod_mls_envelope_read(&body, &sent_at, mls_view_text("<envelope/>")), MLS_ERR_MALFORMED);
    assert_int_equal(
        mod_mls_envelope_read(&body, &sent_at,
                              mls_view_text("<?xml version='1.0'?><envelope xmlns='urn:xmpp:sce:1'/>")),
        MLS_ERR_MALFORMED);
    assert_int_equal(
        mod_mls_envelope_read(&body, &sent_at,
                              mls_view_text("<envelope xmlns='urn:xmpp:sce:1'><content/></envelope>")),
        MLS_ERR_UNSUPPORTED);
    assert_null(body);
    mod_mls_text_t text = { 0 };
    char *huge = calloc(1, MOD_MLS_ENVELOPE_MAX + 1);
    memset(huge, 'x', MOD_MLS_ENVELOPE_MAX);
    assert_int_equal(mod_mls_envelope_write(&text, huge, 0), MLS_ERR_LIMIT);
    free(huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xml__reads_a_tree),
        cmocka_unit_test(xml__rejects_what_xmpp_forbids),
        cmocka_unit_test(xml__bounds_depth_nodes_and_size),
        cmocka_unit_test(xml__written_text_is_read_back),
        cmocka_unit_test(xml__replaces_what_xml_cannot_hold),
        cmocka_unit_test(utf8__accepts_and_rejects),
        cmocka_unit_test(jid__is_bare),
        cmocka_unit_test(timestamp__writes_and_reads),
        cmocka_unit_test(timestamp__rejects),
        cmocka_unit_test(envelope__carries_a_text),
        cmocka_unit_test(envelope__rejects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
