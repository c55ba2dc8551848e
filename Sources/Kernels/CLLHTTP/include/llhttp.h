// The HTTP/1.1 parser whose C sources Debian's node-llhttp installs, in its strict mode.
#pragma once
#define LLHTTP_STRICT_MODE 1
#include </usr/share/include/llhttp/llhttp.h>
