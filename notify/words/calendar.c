#include "notify/words/calendar.h"

const char *calendar_due(enum due_what what, bool over) {
    switch (what) {
    case DUE_STAGE:
        return over ? "a new certificate has to be staged as next" : "a new certificate is due to be staged as next";
    case DUE_ACTIVATE:
        return over ? "next has to become current" : "next becomes current";
    case DUE_RETIRE:
        return "previous can be cleared";
    case DUE_WARN:
        return "the next warning, if nothing changes";
    case DUE_EXPIRE:
        return over ? "the current certificate has ended" : "the current certificate ends";
    }
    return "";
}
