// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Samples by column and result, and the Markdown tables made of them: medians, ratios to native code, geometric means. */
final class BenchTable {
    /** Samples of one cell: the first run on a machine, and those after it. */
    private static final class Cell {
        final List<Double> first = new ArrayList<>();
        final List<Double> again = new ArrayList<>();
        final TreeSet<String> checksums = new TreeSet<>();

        /** Of the runs after the first, where there are some. */
        double seconds() {
            return median(again.isEmpty() ? first : again);
        }
    }

    private final List<String> columns;
    private final Map<String, String> references = new LinkedHashMap<>();
    private final Map<String, Map<String, Cell>> cells = new LinkedHashMap<>();
    private final Map<String, String> groups = new LinkedHashMap<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

    BenchTable(List<String> columns) {
        this.columns = columns;
    }

    void reference(String column, String nativeColumn) {
        references.put(column, nativeColumn);
    }

    void add(Row row, String column, int run, Sample s) {
        groups.put(s.result(), row.group());
        Cell cell = cells.computeIfAbsent(s.result(), r -> new LinkedHashMap<>()).computeIfAbsent(column, c -> new Cell());
        (run == 0 || row.isCold() ? cell.first : cell.again).add(s.seconds());
        cell.checksums.add(s.checksum());
    }

    /** A row did not end in time, or failed, in a column. */
    void failed(Row row, String column, String why) {
        for (String result : row.results()) {
            groups.put(result, row.group());
            cells.computeIfAbsent(result, r -> new LinkedHashMap<>());
        }
        failures.put(row.name() + ", " + column, why);
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n == 0 ? Double.NaN : n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    private double seconds(String result, String column) {
        Cell cell = cells.get(result).get(column);
        return cell == null ? Double.NaN : cell.seconds();
    }

    private double ratio(String result, String column) {
        String reference = references.get(column);
        return reference == null ? Double.NaN : seconds(result, column) / seconds(result, reference);
    }

    private boolean isReference(String column) {
        return column.equals(references.get(column));
    }

    String markdown() {
        StringBuilder s = new StringBuilder();
        s.append("| benchmark |");
        for (String c : columns) {
            s.append(' ').append(c).append(isReference(c) ? ", s |" : " |");
        }
        s.append("\n| --- |").append(" --: |".repeat(columns.size())).append('\n');
        for (String result : cells.keySet()) {
            s.append("| ").append(result).append(" |");
            for (String c : columns) {
                s.append(' ').append(isReference(c) ? number(seconds(result, c)) : cell(result, c)).append(" |");
            }
            s.append('\n');
        }
        means(s);
        cold(s);
        differences(s);
        for (Map.Entry<String, String> f : failures.entrySet()) {
            s.append("\nNot measured: ").append(f.getKey()).append(": ").append(f.getValue()).append('\n');
        }
        return s.toString();
    }

    /** The ratio, or the seconds where nothing is known to compare with. */
    private String cell(String result, String column) {
        double ratio = ratio(result, column);
        return !Double.isNaN(ratio) ? number(ratio) + "×" : Double.isNaN(seconds(result, column)) ? "" : number(seconds(result, column)) + " s";
    }

    private static String number(double v) {
        return Double.isNaN(v) ? "" : String.format(Locale.ROOT, v < 0.01 ? "%.4f" : v < 1 ? "%.3f" : v < 100 ? "%.2f" : "%.0f", v);
    }

    private void means(StringBuilder s) {
        s.append("\nGeometric means of the ratios:\n\n| group |");
        List<String> compared = columns.stream().filter(c -> !isReference(c)).toList();
        for (String c : compared) {
            s.append(' ').append(c).append(" |");
        }
        s.append("\n| --- |").append(" --: |".repeat(compared.size())).append('\n');
        List<String> names = new ArrayList<>(new java.util.LinkedHashSet<>(groups.values()));
        names.add("all");
        for (String group : names) {
            s.append("| ").append(group).append(" |");
            for (String c : compared) {
                double sum = 0;
                int n = 0;
                for (String result : cells.keySet()) {
                    double ratio = ratio(result, c);
                    if ((group.equals("all") || groups.get(result).equals(group)) && ratio > 0) {
                        sum += Math.log(ratio);
                        n++;
                    }
                }
                s.append(' ').append(n == 0 ? "" : number(Math.exp(sum / n)) + "× (" + n + ")").append(" |");
            }
            s.append('\n');
        }
        s.append("\nIn brackets: rows counted.\n");
    }

    /** First runs: with the compiler against without it. */
    private void cold(StringBuilder s) {
        s.append("\nFirst runs on a fresh or cold machine, seconds, and compiled against interpreted:\n\n| benchmark | interp32 | jit32 | ratio | interp64 | jit64 | ratio |\n| --- |")
            .append(" --: |".repeat(6)).append('\n');
        for (String result : cells.keySet()) {
            s.append("| ").append(result).append(" |");
            for (String bits : List.of("32", "64")) {
                Cell interpreted = cells.get(result).get("interp" + bits), compiled = cells.get(result).get("jit" + bits);
                double a = interpreted == null ? Double.NaN : median(interpreted.first), b = compiled == null ? Double.NaN : median(compiled.first);
                s.append(' ').append(number(a)).append(" | ").append(number(b)).append(" | ").append(number(b / a)).append(" |");
            }
            s.append('\n');
        }
    }

    /** Programs that printed something else than natively did wrong work: their times mean nothing. */
    private void differences(StringBuilder s) {
        for (Map.Entry<String, Map<String, Cell>> e : cells.entrySet()) {
            // What ls and the size of types print depends on the machine.
            for (Map.Entry<String, Cell> c : e.getValue().entrySet()) {
                Cell reference = e.getValue().get(references.get(c.getKey()));
                if (reference != null && !groups.get(e.getKey()).equals("cold") && !reference.checksums.equals(c.getValue().checksums)) {
                    s.append("\nWRONG RESULT: ").append(e.getKey()).append(" in ").append(c.getKey()).append(": ").append(c.getValue().checksums).append(", natively ").append(reference.checksums).append('\n');
                }
            }
        }
    }
}
