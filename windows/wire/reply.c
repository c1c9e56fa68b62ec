#include "windows/wire/reply.h"

#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

#define DEPTH_MOST 32
#define VALUE_MOST ((size_t)1024 * 1024) /* bytes of one element's text */

#define SOAP "http://www.w3.org/2003/05/soap-envelope|"
#define ADDRESSING "http://schemas.xmlsoap.org/ws/2004/08/addressing|"
#define WSMAN "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd|"
#define SHELL "http://schemas.microsoft.com/wbem/wsman/1/windows/shell|"
#define FAULT "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault|"

enum element {
    ELEMENT_OTHER,
    ELEMENT_ENVELOPE,
    ELEMENT_RELATES_TO,
    ELEMENT_SELECTOR,
    ELEMENT_SHELL_ID,
    ELEMENT_COMMAND_ID,
    ELEMENT_STREAM,
    ELEMENT_STATE,
    ELEMENT_EXIT_CODE,
    ELEMENT_FAULT,
    ELEMENT_REASON,
    ELEMENT_WSMAN_FAULT,
    ELEMENT_ERROR_CODE
};

struct reader {
    XML_Parser parser;
    struct reply *reply;
    int depth;
    enum element element; /* whose text is read */
    bool about_shell;     /* the selector is that of a shell */
    bool to_out;          /* the stream is standard output */
    struct text value;
    bool envelope;
    bool bad;
};

/* Elements by namespace and name; of Windows' two forms of a fault the second stands in several namespaces. */
static enum element element_of(const char *name) {
    static const struct {
        const char *name;
        enum element element;
    } known[] = {
        {SOAP "Envelope", ELEMENT_ENVELOPE},
        {ADDRESSING "RelatesTo", ELEMENT_RELATES_TO},
        {WSMAN "Selector", ELEMENT_SELECTOR},
        {SHELL "ShellId", ELEMENT_SHELL_ID},
        {SHELL "CommandId", ELEMENT_COMMAND_ID},
        {SHELL "Stream", ELEMENT_STREAM},
        {SHELL "CommandState", ELEMENT_STATE},
        {SHELL "ExitCode", ELEMENT_EXIT_CODE},
        {SOAP "Fault", ELEMENT_FAULT},
        {SOAP "Text", ELEMENT_REASON},
        {FAULT "WSManFault", ELEMENT_WSMAN_FAULT},
    };
    const char *local = strrchr(name, '|');

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].element;
    return local && strcmp(local, "|error_Code") == 0 ? ELEMENT_ERROR_CODE : ELEMENT_OTHER;
}

static const char *attribute(const char **attributes, const char *name) {
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return "";
}

static bool read_number(const char *text, uint64_t most, uint64_t *ret_number) {
    char *end = NULL;
    unsigned long long number;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || number > most)
        return false;
    *ret_number = number;
    return true;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static void refuse(struct reader *reader) {
    reader->bad = true;
    XML_StopParser(reader->parser, XML_FALSE);
}

static void on_begin(void *context, const char *name, const char **attributes) {
    struct reader *reader = context;
    struct reply *reply = reader->reply;
    uint64_t number = 0;

    reader->element = element_of(name);
    text_free(&reader->value);
    if (++reader->depth > DEPTH_MOST || (reader->depth == 1) != (reader->element == ELEMENT_ENVELOPE)) {
        refuse(reader);
        return;
    }
    switch (reader->element) {
    case ELEMENT_ENVELOPE:
        reader->envelope = true;
        break;
    case ELEMENT_SELECTOR:
        reader->about_shell = strcmp(attribute(attributes, "Name"), "ShellId") == 0;
        break;
    case ELEMENT_STREAM:
        reader->to_out = strcmp(attribute(attributes, "Name"), "stdout") == 0;
        break;
    case ELEMENT_STATE:
        reply->ended = ends_with(attribute(attributes, "State"), "/CommandState/Done");
        break;
    case ELEMENT_FAULT:
        reply->fault = true;
        break;
    case ELEMENT_WSMAN_FAULT:
        if (read_number(attribute(attributes, "Code"), UINT64_MAX, &number))
            reply->code = number;
        break;
    case ELEMENT_OTHER:
    case ELEMENT_RELATES_TO:
    case ELEMENT_SHELL_ID:
    case ELEMENT_COMMAND_ID:
    case ELEMENT_EXIT_CODE:
    case ELEMENT_REASON:
    case ELEMENT_ERROR_CODE:
        break;
    }
}

static void on_text(void *context, const char *bytes, int length) {
    struct reader *reader = context;

    if (reader->element == ELEMENT_OTHER)
        return;
    if (reader->value.length + (size_t)length > VALUE_MOST) {
        refuse(reader);
        return;
    }
    text_add_bytes(&reader->value, bytes, (size_t)length);
}

/* An identifier goes back in requests: nothing but letters, digits and hyphens. */
static bool take_id(const char *value, char out[REPLY_ID_SIZE]) {
    size_t length = strlen(value);

    if (length == 0 || length >= REPLY_ID_SIZE ||
        strspn(value, "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != length)
        return false;
    memcpy(out, value, length + 1);
    return true;
}

static bool take(struct reader *reader, const char *value) {
    struct reply *reply = reader->reply;
    uint64_t number = 0;

    switch (reader->element) {
    case ELEMENT_RELATES_TO:
        if (strlen(value) < sizeof(reply->relates_to))
            memcpy(reply->relates_to, value, strlen(value) + 1);
        return true;
    case ELEMENT_SELECTOR:
        return !reader->about_shell || take_id(value, reply->shell);
    case ELEMENT_SHELL_ID:
        return take_id(value, reply->shell);
    case ELEMENT_COMMAND_ID:
        return take_id(value, reply->command);
    case ELEMENT_STREAM:
        return base64_read(value, reader->value.length, reader->to_out ? &reply->out : &reply->errors);
    case ELEMENT_EXIT_CODE:
        if (!read_number(value, UINT32_MAX, &number))
            return false;
        reply->status = (uint32_t)number;
        return true;
    case ELEMENT_REASON:
        text_printable(reply->reason, sizeof(reply->reason), value, strlen(value));
        return true;
    case ELEMENT_ERROR_CODE:
        if (reply->code == 0 && read_number(value, UINT64_MAX, &number))
            reply->code = number;
        return true;
    case ELEMENT_OTHER:
    case ELEMENT_ENVELOPE:
    case ELEMENT_STATE:
    case ELEMENT_FAULT:
    case ELEMENT_WSMAN_FAULT:
        return true;
    }
    return true;
}

static void on_end(void *context, const char *name) {
    struct reader *reader = context;

    (void)name;
    reader->depth--;
    if (reader->value.failed || !take(reader, reader->value.value ? reader->value.value : ""))
        refuse(reader);
    text_free(&reader->value);
    reader->element = ELEMENT_OTHER;
}

/* Nothing honest has one, and entities could make an answer as long as they like. */
static void on_doctype(void *context, const char *name, const char *system, const char *public, int internal) {
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(context);
}

bool reply_read(const char *text, size_t length, struct reply *ret_reply, struct error *err) {
    struct reply reply = {0};
    struct reader reader = {.reply = &reply};
    bool ok;

    if (length > REPLY_MOST)
        return error_set(err, ERROR_DATA, "its answer is longer than any of Windows");
    reader.parser = XML_ParserCreateNS("UTF-8", '|');
    if (!reader.parser)
        return error_memory(err);
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, on_begin, on_end);
    XML_SetCharacterDataHandler(reader.parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
    ok = XML_Parse(reader.parser, text, (int)length, 1) == XML_STATUS_OK && !reader.bad && reader.envelope;
    XML_ParserFree(reader.parser);
    text_free(&reader.value);
    if (reply.out.failed || reply.errors.failed)
        ok = error_memory(err);
    else if (!ok)
        error_set(err, ERROR_DATA, "its answer is no envelope of WinRM, or a damaged one");
    if (ok)
        *ret_reply = reply;
    else
        reply_free(&reply);
    return ok;
}

void reply_free(struct reply *reply) {
    text_free(&reply->out);
    text_free(&reply->errors);
    *reply = (struct reply){0};
}
