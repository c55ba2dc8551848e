// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import DataSquare

/// `quadrat square extend`: the parity of a square, as an .eds file.
enum SquareExtendCommand {
    static let verb = Verb(
        "extend", "write the extended square of an .ods file",
        discussion: "The result is 2k × 2k shares of 512 bytes, row by row. Any quarter of it that "
            + "is k shares of each row gives the whole back.",
        positionals: [
            Positional("FILE", "an .ods file"), Positional("RESULT", "the .eds file to write"),
        ],
        action: { call throws(CommandFault) in
            let (square, header) = try SquareFiles.readOriginal(call.positional("FILE"))
            let extended = ExtendedDataSquare(extending: square)
            guard extended.commit() == header else {
                throw CommandFault(.untrue, "the roots in the file are not those of its shares")
            }
            try UserFiles.write(extended.bytes, to: call.positional("RESULT"))
            return .done
        })
}
