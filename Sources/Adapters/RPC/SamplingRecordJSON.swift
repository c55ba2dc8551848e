// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
package import Roles

/// Verdicts of sampling with what they rest on, as `das.Receipts` and `das.Confidence` tell them.
///
/// Who answered is this node's own word; what the confidence rests on stands beside it.
package enum SamplingRecordJSON {
    /// `{"assumption":"…","blocks":[…]}`, oldest first.
    package static func write(_ records: [SamplingRecord], to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("assumption", SamplingReceipt.assumption)
            writer.member("blocks") { writer in
                writer.array(records) { writer, record in
                    writer.object { writeMembers(record, to: &$0) }
                }
            }
        }
    }

    /// One verdict with its assumption.
    package static func write(_ record: SamplingRecord, to writer: inout JSONWriter) {
        writer.object { writer in
            writeMembers(record, to: &writer)
            writer.member("assumption", SamplingReceipt.assumption)
        }
    }

    private static func writeMembers(_ record: SamplingRecord, to writer: inout JSONWriter) {
        writer.member("height", record.height)
        writer.member("width", record.width)
        writer.member("state", record.isAvailable ? "available" : "withheld")
        writer.member("wanted", record.wanted)
        writer.member("came", record.answers.count)
        writer.member("confidence_ppm", record.confidencePartsPerMillion)
        writer.member("samples") { writer in
            writer.array(record.answers) { writer, answer in
                writer.object {
                    $0.member("row", answer.coordinate.row)
                    $0.member("col", answer.coordinate.column)
                    $0.member("sha256", hex: answer.digest.array)
                    $0.member("peer", answer.peer)
                }
            }
        }
    }
}
