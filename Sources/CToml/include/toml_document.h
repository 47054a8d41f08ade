// toml++ behind a C header: the configuration file.
#ifndef WEIR_TOML_H
#define WEIR_TOML_H
int weir_toml_version(void);
#endif
