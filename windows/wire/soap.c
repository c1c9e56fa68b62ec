#include "windows/wire/soap.h"

#include <stdio.h>

#include <openssl/rand.h>

#include "base/base64.h"

#define ID_BYTES 16
#define ENVELOPE_MOST 153600 /* bytes of an answer that every Windows is ready to send */
#define IDLE_SECONDS 180     /* after which Windows removes a shell that was left behind */

#define TRANSFER "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
#define SHELL "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"

struct option {
    const char *name;
    const char *value;
};

bool soap_make_id(char ret_id[SOAP_ID_SIZE], struct error *err) {
    unsigned char b[ID_BYTES];

    if (RAND_bytes(b, sizeof(b)) != 1)
        return error_openssl(err, ERROR_CRYPTO, "cannot make a message's identifier");
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 4122, 4.4 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(ret_id, SOAP_ID_SIZE, "uuid:%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return true;
}

/* As the content of an element. */
static void add_escaped(struct text *text, const char *value) {
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '&')
            text_add(text, "&amp;");
        else if (*at == '<')
            text_add(text, "&lt;");
        else if (*at == '>')
            text_add(text, "&gt;");
        else
            text_add_bytes(text, at, 1);
    }
}

static void open_envelope(struct text *text, const char *id, const struct soap_address *to, const char *action,
                          const struct option *options) {
    text_add(text, "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
                   " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
                   " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""
                   " xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\""
                   " xmlns:rsp=\"" SHELL "\"><s:Header><a:To>");
    add_escaped(text, to->url);
    text_format(text,
                "</a:To><w:ResourceURI s:mustUnderstand=\"true\">" SHELL "/cmd</w:ResourceURI>"
                "<a:ReplyTo><a:Address s:mustUnderstand=\"true\">"
                "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>"
                "<a:Action s:mustUnderstand=\"true\">%s</a:Action>"
                "<w:MaxEnvelopeSize s:mustUnderstand=\"true\">%d</w:MaxEnvelopeSize>"
                "<a:MessageID>%s</a:MessageID>"
                "<w:Locale xml:lang=\"en-US\" s:mustUnderstand=\"false\"/>"
                "<p:DataLocale xml:lang=\"en-US\" s:mustUnderstand=\"false\"/>",
                action, ENVELOPE_MOST, id);
    if (to->shell) {
        text_add(text, "<w:SelectorSet><w:Selector Name=\"ShellId\">");
        add_escaped(text, to->shell);
        text_add(text, "</w:Selector></w:SelectorSet>");
    }
    if (options) {
        text_add(text, "<w:OptionSet>");
        for (; options->name; options++)
            text_format(text, "<w:Option Name=\"%s\">%s</w:Option>", options->name, options->value);
        text_add(text, "</w:OptionSet>");
    }
    text_format(text, "<w:OperationTimeout>PT%dS</w:OperationTimeout></s:Header><s:Body>", SOAP_PATIENCE);
}

static void close_envelope(struct text *text) {
    text_add(text, "</s:Body></s:Envelope>");
}

void soap_create(struct text *text, const char *id, const struct soap_address *to) {
    static const struct option options[] = {{"WINRS_NOPROFILE", "TRUE"}, {"WINRS_CODEPAGE", "65001"}, {NULL, NULL}};

    open_envelope(text, id, to, TRANSFER "Create", options);
    text_format(text,
                "<rsp:Shell><rsp:IdleTimeOut>PT%dS</rsp:IdleTimeOut><rsp:InputStreams>stdin</rsp:InputStreams>"
                "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>",
                IDLE_SECONDS);
    close_envelope(text);
}

void soap_command(struct text *text, const char *id, const struct soap_address *to, const char *line) {
    static const struct option options[] = {
        {"WINRS_CONSOLEMODE_STDIN", "FALSE"}, {"WINRS_SKIP_CMD_SHELL", "FALSE"}, {NULL, NULL}};

    open_envelope(text, id, to, SHELL "/Command", options);
    text_add(text, "<rsp:CommandLine><rsp:Command>");
    add_escaped(text, line);
    text_add(text, "</rsp:Command></rsp:CommandLine>");
    close_envelope(text);
}

void soap_send(struct text *text, const char *id, const struct soap_address *to, const void *input, size_t length) {
    open_envelope(text, id, to, SHELL "/Send", NULL);
    text_add(text, "<rsp:Send><rsp:Stream Name=\"stdin\" CommandId=\"");
    add_escaped(text, to->command);
    text_add(text, "\" End=\"true\">");
    base64_add(text, input, length);
    text_add(text, "</rsp:Stream></rsp:Send>");
    close_envelope(text);
}

void soap_receive(struct text *text, const char *id, const struct soap_address *to) {
    open_envelope(text, id, to, SHELL "/Receive", NULL);
    text_add(text, "<rsp:Receive><rsp:DesiredStream CommandId=\"");
    add_escaped(text, to->command);
    text_add(text, "\">stdout stderr</rsp:DesiredStream></rsp:Receive>");
    close_envelope(text);
}

void soap_terminate(struct text *text, const char *id, const struct soap_address *to) {
    open_envelope(text, id, to, SHELL "/Signal", NULL);
    text_add(text, "<rsp:Signal CommandId=\"");
    add_escaped(text, to->command);
    text_add(text, "\"><rsp:Code>" SHELL "/signal/terminate</rsp:Code></rsp:Signal>");
    close_envelope(text);
}

void soap_delete(struct text *text, const char *id, const struct soap_address *to) {
    open_envelope(text, id, to, TRANSFER "Delete", NULL);
    close_envelope(text);
}
