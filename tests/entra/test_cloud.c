#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "entra/cloud.h"

static void every_cloud_has_its_hosts_and_is_known_by_its_log_in(void **state) {
    (void)state;
    for (int cloud = CLOUD_GLOBAL; cloud < CLOUD_CUSTOM; cloud++) {
        const char *login = cloud_login((enum cloud)cloud);

        assert_memory_equal(login, "https://", 8);
        assert_memory_equal(cloud_graph((enum cloud)cloud), "https://", 8);
        /* Two share a log-in. */
        assert_int_equal(cloud_of_login(login + 8), cloud == CLOUD_DOD ? CLOUD_USGOV : cloud);
    }
    assert_null(cloud_login(CLOUD_CUSTOM));
    assert_int_equal(cloud_of_login("STS.windows.net"), CLOUD_GLOBAL);
    assert_int_equal(cloud_of_login("adfs.contoso.test"), CLOUD_CUSTOM);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_cloud_has_its_hosts_and_is_known_by_its_log_in)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
