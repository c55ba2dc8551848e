// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import DataSquare

/// `quadrat square repair`: the whole of a square from a sufficient part of it.
enum SquareRepairCommand {
    static let verb = Verb(
        "repair", "rebuild a square of which parts are missing",
        discussion: """
            PARTS is an .eds file, in which 512 zero bytes stand for a missing share; or a directory \
            of rows, each in a file named by its number (0.row), with all of its shares or only the \
            left half; or an .ods file with such gaps, whose .q4 file beside it, if there is one, \
            fills in the last quadrant. The roots, which the result must have, come from an .ods \
            file or a header. \
            Exit code 3 says that the parts at hand, or the roots, are a lie: a row or a column is \
            not what its root commits to.
            """,
        positionals: [Positional("PARTS", "an .eds file, a directory of rows, or an .ods file")],
        options: [
            Option(
                "roots", .text("FILE"),
                "an .ods file or a header with the roots; not needed for an .ods file"),
            StandardOptions.output, StandardOptions.json,
        ], examples: ["square repair --roots header.json --output block.ods rows"],
        action: { call throws(CommandFault) in
            let path = call.positional("PARTS")
            let isOriginal = path.hasSuffix(".ods")
            let header = try SquareFiles.readRoots(
                isOriginal && call.text("roots") == nil ? path : try call.required("roots"))
            let parts =
                isOriginal
                ? try SquareParts(original: path, width: header.width)
                : try SquareParts(path, width: header.width)
            let known = parts.isKnown.count { $0 }
            if !call.flag("json") {
                call.terminal.note("\(known) of \(parts.isKnown.count) shares are there")
            }
            let square = try repair(parts, header).originalSquare
            if let path = call.text("output") {
                try SquareFiles.write(square, header, to: path)
            }
            SquareInspectCommand.print(square, header, isTrue: true, call)
            return .done
        })

    private static func repair(
        _ parts: SquareParts, _ header: DataAvailabilityHeader
    ) throws(CommandFault) -> ExtendedDataSquare {
        do throws(RepairFault) {
            return try ExtendedDataSquare.repair(
                width: header.width, bytes: parts.bytes, isKnown: parts.isKnown, header: header)
        } catch {
            switch error {
            case .unrepairable:
                throw .failed("too many shares are missing to rebuild the rest")
            case .byzantine(let axis, let index):
                throw CommandFault(
                    .untrue, "\(axis) \(index) is not what its root commits to")
            case .shape(let fault): throw .failed("that is no square of those roots: \(fault)")
            }
        }
    }
}
