// Standard input, output and error, which whoever starts a program may have left closed.
#ifndef FUNCTION_CLI_STANDARD_STREAMS_H_
#define FUNCTION_CLI_STANDARD_STREAMS_H_

namespace cli {

// Opens /dev/null for each of them that is closed. Otherwise the next file or connection would get its
// number, and the log would be written into it. Call it before anything else is opened.
void OpenStandardStreams();

}  // namespace cli

#endif  // FUNCTION_CLI_STANDARD_STREAMS_H_
