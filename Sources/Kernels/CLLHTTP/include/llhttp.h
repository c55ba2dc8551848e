// The HTTP/1.1 parser whose C sources Debian's node-llhttp installs.
#pragma once
#include </usr/share/include/llhttp/llhttp.h>
