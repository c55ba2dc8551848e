// SPDX-License-Identifier: Apache-2.0

internal import RPC
package import Roles
internal import Syncing

/// The page that shows what a node keeps, as JSON.
package enum StoragePage {
    /// `{"used_bytes","budget_bytes","full","shortage","slice","archival","horizon","squares","pruned",`
    /// `"pins":[{"namespace","heights","newest"}],"backfill":{"held","total","percent",`
    /// `"left_seconds"},"scrub":{"height","checked","damaged"},"repairing"}`; what is not known or
    /// does not apply is left out.
    package static func json(_ report: StorageReport) -> [UInt8] {
        JSONWriter.text { writer in
            writer.object {
                $0.member("used_bytes", report.usedBytes)
                if let budget = report.budgetBytes { $0.member("budget_bytes", budget) }
                $0.member("full", report.isFull)
                if let shortage = report.shortage { $0.member("shortage", shortage) }
                if let slice = report.slice { $0.member("slice", "\(slice)") }
                $0.member("archival", report.isArchival)
                if let horizon = report.horizon { $0.member("horizon", horizon) }
                $0.member("squares", report.squareCount)
                $0.member("pruned", report.prunedCount)
                $0.member("pins") {
                    $0.array(report.pins) { writer, pin in
                        writer.object {
                            $0.member("namespace", "\(pin.namespace)")
                            $0.member("heights", pin.heightCount)
                            $0.member("newest", pin.newest)
                        }
                    }
                }
                if let progress = report.backfill {
                    $0.member("backfill") {
                        $0.object {
                            $0.member("held", progress.held)
                            $0.member("total", progress.total)
                            $0.member("percent", progress.percent)
                            if let left = progress.leftMilliseconds {
                                $0.member("left_seconds", left / 1_000)
                            }
                        }
                    }
                }
                $0.member("scrub") {
                    $0.object {
                        $0.member("height", report.scrub.height)
                        $0.member("checked", report.scrub.checked)
                        $0.member("damaged", report.scrub.damaged)
                    }
                }
                if let height = report.repairing { $0.member("repairing", height) }
            }
        }
    }
}
