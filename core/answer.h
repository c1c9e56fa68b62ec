/*
 * Yes, no, and not known: the last is never taken for one of the others.
 */
#ifndef CORE_ANSWER_H
#define CORE_ANSWER_H

enum answer { ANSWER_UNKNOWN = 0, ANSWER_NO, ANSWER_YES };

#endif
