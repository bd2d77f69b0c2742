#include "person.h"
#include "make.h"

mls_key_package_t *person_new(vector_case_t *c, const char *name)
{
    const mls_key_package_params_t params = { .cipher_suite = c->suite->id,
                                              .identity = mls_view_text(name),
                                              .not_before = 0,
                                              .not_after = UINT64_MAX };
    mls_key_package_t *person = NULL;
    if (vector_good(c))
        vector_ok(c, name, mls_key_package_new(&person, c->crypto, &params));
    return person;
}

mls_view_t person_leaf(vector_case_t *c, const mls_key_package_t *person)
{
    mls_key_package_data_t data;
    return vector_good(c) && vector_ok(c, "KeyPackage", mls_key_package_decode(person, &data))
               ? keep_view(c, data.leaf_encoded)
               : (mls_view_t){ 0 };
}
