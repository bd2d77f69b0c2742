/* mls_verify_evidence.c -- checks evidence that mls_received_evidence() has made.
 *
 *     mls-verify-evidence [--content FILE] EVIDENCE [KEY]
 *
 * EVIDENCE is a file. KEY is the signature key that is known to be the accused's: in hex, or a file that has
 * it in hex or raw. Without it the program shows the key that the evidence is signed with, for a human to
 * compare. With --content, what was said is also written to FILE as it is: on the terminal everything but
 * printable ASCII is escaped, for it was written by whoever is accused.
 *
 * Exit status: 0 proved, for KEY; 1 not proved; 2 the call is wrong, or a file cannot be read or written;
 * 3 all in order, but no key was given. */
#include "mls/mls.h"

#include <stdio.h>
#include <stdlib.h>

enum { PROVED = 0, NOT_PROVED = 1, USAGE = 2, NO_KEY = 3 };
enum { MAX_FILE_LEN = 64 << 20, MAX_KEY_LEN = 256, MAX_SHOWN_LEN = 4096 };

typedef struct arguments {
    const char *content, *evidence, *key;
} arguments_t;

/* ---- files and hex ------------------------------------------------------------------------------- */

/* Reads what is left of a file, up to `max` bytes. */
static bool read_stream(FILE *file, mls_bytes_t *out, size_t max)
{
    size_t cap = 0;
    while (!feof(file) && !ferror(file) && out->len <= max) {
        if (out->len == cap) {
            uint8_t *longer = realloc(out->data, cap = cap == 0 ? 4096 : 2 * cap);
            if (longer == NULL)
                return false;
            out->data = longer;
        }
        out->len += fread(out->data + out->len, 1, cap - out->len, file);
    }
    return !ferror(file) && out->len <= max;
}

static bool read_file(const char *path, mls_bytes_t *out, size_t max)
{
    FILE *file = fopen(path, "rb");
    const bool good = file != NULL && read_stream(file, out, max);
    if (file != NULL)
        fclose(file);
    return good;
}

static bool write_file(const char *path, mls_view_t content)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(content.data, 1, content.len, file) == content.len;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    return good;
}

static int digit(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':';
}

/* Hex with spaces or colons between bytes. False if it is none. */
static bool read_hex(mls_view_t text, uint8_t *out, size_t *len, size_t max)
{
    *len = 0;
    for (size_t i = 0; i < text.len;) {
        if (is_space(text.data[i])) {
            i++;
            continue;
        }
        if (*len == max || i + 1 == text.len || digit(text.data[i]) < 0 || digit(text.data[i + 1]) < 0)
            return false;
        out[(*len)++] = (uint8_t)(digit(text.data[i]) << 4 | digit(text.data[i + 1]));
        i += 2;
    }
    return *len > 0;
}

/* KEY: hex, a file of hex, or a raw one. */
static bool read_key(const char *argument, uint8_t *out, size_t *len)
{
    mls_bytes_t file = { 0 };
    bool good = read_hex(mls_view_text(argument), out, len, MAX_KEY_LEN);
    if (!good && read_file(argument, &file, 3 * MAX_KEY_LEN) && file.len > 0) {
        good = read_hex(mls_bytes_view(&file), out, len, MAX_KEY_LEN);
        if (!good && file.len <= MAX_KEY_LEN) {
            memcpy(out, file.data, *len = file.len);
            good = true;
        }
    }
    mls_bytes_clear(&file);
    return good;
}

/* ---- showing ------------------------------------------------------------------------------------- */

static void show_hex(const char *name, mls_view_t bytes)
{
    const size_t len = bytes.len < MAX_SHOWN_LEN ? bytes.len : MAX_SHOWN_LEN;
    printf("  %-20s", name);
    for (size_t i = 0; i < len; i++)
        printf("%02x", bytes.data[i]);
    if (len < bytes.len)
        printf(" and %zu bytes more", bytes.len - len);
    printf("\n");
}

/* What others have written must not speak to the terminal. */
static void show_text(const char *name, mls_view_t text)
{
    const size_t len = text.len < MAX_SHOWN_LEN ? text.len : MAX_SHOWN_LEN;
    printf("  %-20s\"", name);
    for (size_t i = 0; i < len; i++) {
        const uint8_t c = text.data[i];
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c >= 0x20 && c < 0x7f)
            printf("%c", c);
        else
            printf("\\x%02x", c);
    }
    printf("\"");
    if (len < text.len)
        printf(" and %zu bytes more", text.len - len);
    printf("\n");
}

static const char *sender_text(const mls_evidence_t *evidence)
{
    switch (evidence->sender_type) {
    case MLS_SENDER_MEMBER:
        return "a member, at leaf";
    case MLS_SENDER_EXTERNAL:
        return "an external sender, number";
    case MLS_SENDER_NEW_MEMBER_PROPOSAL:
        return "somebody who asks to be added";
    default:
        return "somebody who joins by this Commit";
    }
}

static mls_status_t show_name(void *arg, mls_x509_name_type_t type, mls_view_t name)
{
    static const char *const types[] = { "  e-mail", "  DNS", "  URI", "  XMPP", "  common name" };
    (void)arg;
    show_text(types[type], name);
    return MLS_OK;
}

static void show_credential(const mls_leaf_info_t *leaf)
{
    if (leaf->encoded.len == 0)
        return;
    switch (leaf->credential_type) {
    case MLS_CREDENTIAL_BASIC:
        show_text("claims to be", leaf->identity);
        break;
    case MLS_CREDENTIAL_X509:
        printf("  claims a certificate for these names; its issuers are not looked at\n");
        if (mls_x509_names(leaf->identity, show_name, NULL) != MLS_OK)
            printf("  (that does not decode here)\n");
        break;
    default:
        printf("  credential type    0x%04x\n", leaf->credential_type);
        show_hex("credential", leaf->identity);
    }
}

static void show_sender(const mls_evidence_t *evidence)
{
    printf("Sender\n  %s", sender_text(evidence));
    printf(evidence->sender == UINT32_MAX ? "\n" : " %u\n", (unsigned)evidence->sender);
    show_hex("signature key", evidence->signature_key);
    show_credential(&evidence->leaf);
}

static void show_message(const mls_evidence_t *evidence)
{
    static const char *const types[] = { "", "Application message", "Proposal", "Commit" };
    printf("%s%s\n", types[evidence->content_type],
           evidence->wire_format == MLS_WIRE_FORMAT_PRIVATE_MESSAGE ? ", encrypted" : ", not encrypted");
    show_hex("group", evidence->group_id);
    printf("  %-20s%llu\n", "epoch", (unsigned long long)evidence->epoch);
    if (evidence->authenticated_data.len > 0)
        show_text("authenticated data", evidence->authenticated_data);
    if (evidence->content_type == MLS_CONTENT_APPLICATION)
        show_text("content", evidence->content);
    else
        show_hex("content", evidence->content);
}

static void show_verdict(const mls_evidence_t *evidence, bool key_is_known)
{
    printf("\nProved\n"
           "  Who has the private half of %s\n"
           "  has made this message, for this group and epoch%s.\n",
           key_is_known ? "the key that you gave" : "the signature key above",
           evidence->group_context.len > 0 ? ", and signed the GroupContext with it" : "");
    if (!key_is_known)
        printf("  Compare the key with one that you know to be the accused's. What is below counts until "
               "then, and\n"
               "  this too: that the key is theirs.\n");
    printf(
        "Not proved\n"
        "  That the sender is who it claims to be, unless you know the key to be theirs and theirs alone.\n"
        "  When it was sent, in answer to what, and whether it was all. That it was delivered, and to whom.\n"
        "  That the sender was a member of the group, but by its own word; nor whoever shows this.\n");
}

/* ---- the run ------------------------------------------------------------------------------------- */

static int verify(mls_crypto_t *crypto, const arguments_t *arguments, mls_view_t bytes, mls_view_t key)
{
    mls_evidence_t evidence;
    const bool key_is_known = key.len > 0;
    const mls_status_t status = key_is_known ? mls_evidence_verify(&evidence, crypto, bytes, key)
                                             : mls_evidence_read(&evidence, crypto, bytes);
    if (status == MLS_ERR_SENDER) {
        printf("NOT PROVED: signed with another key than the one given\n");
        return NOT_PROVED;
    }
    if (status != MLS_OK) {
        printf("NOT PROVED: %s\n", mls_status_text(status));
        return NOT_PROVED;
    }
    show_sender(&evidence);
    show_message(&evidence);
    show_verdict(&evidence, key_is_known);
    if (arguments->content != NULL && !write_file(arguments->content, evidence.content)) {
        fprintf(stderr, "mls-verify-evidence: cannot write %s\n", arguments->content);
        return USAGE;
    }
    return key_is_known ? PROVED : NO_KEY;
}

static bool read_arguments(arguments_t *out, int argc, char **argv)
{
    int i = 1;
    if (i + 1 < argc && strcmp(argv[i], "--content") == 0) {
        out->content = argv[i + 1];
        i += 2;
    }
    if (i < argc && argv[i][0] != '-')
        out->evidence = argv[i++];
    if (i < argc)
        out->key = argv[i++];
    return out->evidence != NULL && i == argc;
}

int main(int argc, char **argv)
{
    arguments_t arguments = { 0 };
    mls_bytes_t evidence = { 0 };
    uint8_t key[MAX_KEY_LEN];
    size_t key_len = 0;
    mls_crypto_t *crypto = NULL;
    int result = USAGE;

    if (!read_arguments(&arguments, argc, argv))
        fprintf(stderr, "usage: mls-verify-evidence [--content FILE] EVIDENCE [KEY]\n");
    else if (!read_file(arguments.evidence, &evidence, MAX_FILE_LEN))
        fprintf(stderr, "mls-verify-evidence: cannot read %s\n", arguments.evidence);
    else if (arguments.key != NULL && !read_key(arguments.key, key, &key_len))
        fprintf(stderr, "mls-verify-evidence: neither hex nor a file with a key: %s\n", arguments.key);
    else if (mls_crypto_new(&crypto, NULL) != MLS_OK)
        fprintf(stderr, "mls-verify-evidence: the crypto library does not start\n");
    else
        result = verify(crypto, &arguments, mls_bytes_view(&evidence), mls_view(key, key_len));
    mls_crypto_free(crypto);
    mls_bytes_clear(&evidence);
    return result;
}
