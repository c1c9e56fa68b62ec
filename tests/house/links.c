/* Linked with every object of the decision and the run loop, and with no room but core: reaching out fails the link. */
int main(void) {
    return 0;
}
