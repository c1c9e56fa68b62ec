#include "monitor/config/lines.h"

#include <stdio.h>
#include <string.h>

#include "base/letters/character.h"
#include "base/letters/oddity.h"
#include "base/letters/quote.h"

#define SECTION_NONE (-1)    /* before the first header */
#define SECTION_SKIPPED (-2) /* in a section that makes no sense: its keys are not judged */

struct reader {
    struct config_draft *draft;
    int section;
    unsigned line;
};

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

/* The name as the operator wrote it, harmless and short. */
static const char *shown(char out[64], const char *name) {
    return text_printable(out, 64, name, strlen(name));
}

/* A comment begins with # or ; at the start of a line or of a value, or after a space. Returns the length before it. */
static size_t without_comment(const char *line) {
    size_t i = 0;

    for (; line[i] != '\0'; i++)
        if ((line[i] == '#' || line[i] == ';') && (i == 0 || blank(line[i - 1])))
            break;
    return i;
}

/* The same of what stands behind the "=": within quotation marks no comment begins. */
static size_t value_without_comment(const char *value) {
    size_t begin = strspn(value, " \t");
    size_t quoted = quote_length(value + begin);

    return begin + quoted + (quoted > 0 ? without_comment(value + begin + quoted) : without_comment(value + begin));
}

/* Cuts the comment off. */
static void cut_comment(char *line) {
    size_t end = without_comment(line);
    const char *equals = memchr(line, '=', end);

    if (equals != NULL && line[0] != '[')
        end = (size_t)(equals + 1 - line) + value_without_comment(equals + 1);
    line[end] = '\0';
}

/* Names a character that cannot be seen, and where it is. What a comment holds does not matter. */
static bool refuse_odd(struct reader *reader, const char *line) {
    char name[CHARACTER_NAME_SIZE];
    uint32_t character;
    size_t at;

    if (!character_find_odd(line, strlen(line), &character, &at))
        return false;
    if (character == 0)
        config_problem(reader->draft, reader->line, "",
                       "byte %zu (%02X) is no UTF-8; save the file as plain text in UTF-8, not in a code page of "
                       "Windows (ANSI)",
                       at + 1, (unsigned)(unsigned char)line[at]);
    else
        config_problem(reader->draft, reader->line, "",
                       "byte %zu begins the character %s, which cannot be seen or is no plain space; type the line "
                       "again",
                       at + 1, character_name(character, name));
    return true;
}

static void trim(char **text) {
    size_t length;

    while (blank(**text))
        (*text)++;
    length = strlen(*text);
    while (length > 0 && blank((*text)[length - 1]))
        (*text)[--length] = '\0';
}

static void open_section(struct reader *reader, const char *name) {
    struct config_draft *draft = reader->draft;
    int section = config_section_find(name);
    char safe[64];

    if (section < 0) {
        section = config_section_nearest(name);
        reader->section = SECTION_SKIPPED;
        if (section < 0) {
            struct text known = {0};

            for (int i = 0; i < SECTION_COUNT; i++)
                text_format(&known, "%s[%s]",
                            i == 0                   ? ""
                            : i + 1 == SECTION_COUNT ? " and "
                                                     : ", ",
                            config_sections[i]);
            config_problem(draft, reader->line, "", "[%s]: unknown section; known are %s", shown(safe, name),
                           known.value != NULL ? known.value : "");
            draft->failed = draft->failed || known.failed;
            text_free(&known);
            return;
        }
        config_problem(draft, reader->line, "", "[%s]: unknown section; the nearest known one is [%s]",
                       shown(safe, name), config_sections[section]);
        /* Its keys are judged as those of the section that was meant, so that their errors are told now too. */
        if (draft->section_line[section] != 0)
            return;
    } else if (draft->section_line[section] != 0) {
        config_problem(draft, reader->line, "", "[%s]: the section was opened in line %u already; put its keys there",
                       name, draft->section_line[section]);
    } else {
        draft->section_line[section] = reader->line;
    }
    reader->section = section;
}

static void unknown_key(struct reader *reader, const char *name) {
    enum config_section section = (enum config_section)reader->section;
    int nearest = config_key_nearest(section, name);
    struct strings elsewhere = {0};
    struct text sections = {0};
    char safe[64];
    char where[128];

    /* The section that it stands in knows best what was meant: url in [webhook] is url_file, and not that of [servers].
     */
    config_key_elsewhere(section, name, &elsewhere);
    for (size_t i = 0; i < elsewhere.count; i++)
        text_format(&sections, "%s%s", i == 0 ? "" : i + 1 == elsewhere.count ? " or " : ", ", elsewhere.items[i]);
    snprintf(where, sizeof(where), "[%s] %s: ", config_sections[section], shown(safe, name));
    if (strcmp(name, "password") == 0)
        config_problem(reader->draft, reader->line, where,
                       "unknown key: no secret stands in this file; put it into a file of mode 0600 and give that "
                       "file's path, such as password_file = /etc/authcert/password");
    else if (nearest >= 0)
        config_problem(reader->draft, reader->line, where, "unknown key; the nearest known one is %s",
                       config_keys[nearest].name);
    else if (elsewhere.count > 0)
        config_problem(reader->draft, reader->line, where, "unknown key here; it belongs in section %s",
                       sections.value != NULL ? sections.value : "");
    else
        config_problem(reader->draft, reader->line, where, "unknown key in this section; see authcert.conf(5)");
    reader->draft->failed = reader->draft->failed || elsewhere.failed || sections.failed;
    strings_free(&elsewhere);
    text_free(&sections);
}

static void take_value(struct reader *reader, int id, const char *value) {
    struct config_value *slot = &reader->draft->values[id];

    if (slot->line != 0) {
        char where[128];
        snprintf(where, sizeof(where), "[%s] %s: ", config_sections[config_keys[id].section], config_keys[id].name);
        config_problem(reader->draft, reader->line, where,
                       config_keys[id].list ? "set in line %u already; put all values into one line, separated by "
                                              "commas"
                                            : "set in line %u already; keep one of the two",
                       slot->line);
        return;
    }
    slot->line = reader->line;
    if (value[0] == '\0') {
        config_problem_key(reader->draft, (enum config_id)id,
                           "empty; give a value, or remove the line to use the default");
        return;
    }
    slot->text = strdup(value);
    if (slot->text == NULL)
        reader->draft->failed = true;
}

static bool key_spelling(const char *key) {
    for (const char *c = key; *c != '\0'; c++)
        if (blank(*c))
            return false;
    return *key != '\0';
}

/* `line` is NUL-terminated, printable, without comment and outer spaces, and not empty. */
static void read_line(struct reader *reader, char *line) {
    struct config_draft *draft = reader->draft;
    size_t length = strlen(line);
    char *equals;
    char *value;
    int id;

    if (line[0] == '[') {
        if (length < 3 || line[length - 1] != ']') {
            config_problem(draft, reader->line, "", "a section is written [name], alone in its line");
            reader->section = SECTION_SKIPPED;
            return;
        }
        line[length - 1] = '\0';
        line++;
        trim(&line);
        open_section(reader, line);
        return;
    }
    equals = strchr(line, '=');
    if (equals == NULL) {
        config_problem(draft, reader->line, "",
                       "expected \"key = value\", \"[section]\" or a comment that begins "
                       "with #");
        return;
    }
    *equals = '\0';
    value = equals + 1;
    trim(&line);
    trim(&value);
    if (!key_spelling(line)) {
        config_problem(draft, reader->line, "", "expected one word before the \"=\"");
        return;
    }
    if (reader->section == SECTION_NONE) {
        config_problem(draft, reader->line, "",
                       "a key before the first section; put a line such as [directory] "
                       "above it");
        return;
    }
    if (reader->section == SECTION_SKIPPED)
        return;
    id = config_key_find((enum config_section)reader->section, line);
    if (id < 0)
        unknown_key(reader, line);
    else
        take_value(reader, id, value);
}

static void read_bytes(struct reader *reader, const char *bytes, size_t length) {
    char line[CONFIG_LINE_MOST + 1];
    char *start = line;

    if (length > 0 && bytes[length - 1] == '\r')
        length--;
    if (length > CONFIG_LINE_MOST) {
        config_problem(reader->draft, reader->line, "", "the line is %zu bytes long; at most %d are read", length,
                       CONFIG_LINE_MOST);
        return;
    }
    if (memchr(bytes, '\0', length) != NULL) {
        config_problem(reader->draft, reader->line, "", "a NUL byte; this must be a text file in UTF-8");
        return;
    }
    memcpy(line, bytes, length);
    line[length] = '\0';
    cut_comment(line);
    if (refuse_odd(reader, line))
        return;
    trim(&start);
    if (*start == '\0')
        return;
    if (blank(line[0])) {
        config_problem(reader->draft, reader->line, "",
                       "the line begins with a space; lines cannot be continued: begin each key in the first column "
                       "and put its whole value into one line");
        return;
    }
    read_line(reader, start);
}

bool config_lines_read(struct config_draft *draft, const char *text, size_t length) {
    struct reader reader = {draft, SECTION_NONE, 0};
    size_t start = 0;

    if (oddity_is_utf16(text, length)) {
        config_problem(draft, 0, "",
                       "the file is UTF-16, which Notepad calls Unicode and older PowerShell's > writes; save it as "
                       "UTF-8");
        return false;
    }
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        start = 3;
    while (start < length && !config_draft_full(draft)) {
        const char *end = memchr(text + start, '\n', length - start);
        size_t line = end == NULL ? length - start : (size_t)(end - (text + start));
        reader.line++;
        read_bytes(&reader, text + start, line);
        start += line + 1;
    }
    return true;
}
