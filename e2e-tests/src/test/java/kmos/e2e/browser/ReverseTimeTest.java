// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Steps back in the page, from the present and from places of the last minute, go back; prints how long each took and what recording costs (docs/performance.md).
 * What a busy machine takes is not judged here.
 */
@Tag("slow")
class ReverseTimeTest extends PageTest {
    private static final int NEXT = 6;
    private static final Map<String, String> UNITS = Map.of("1", "instruction", "2", "system call", "3", "task switch");

    /** Milliseconds from a click until the machine is there and its screen painted; -1: it is nowhere. */
    private static final String TIMED = "what => new Promise(done => { const was = window.kmos.past(), begin = performance.now(); what();"
        + " const look = () => { const p = window.kmos.past(); if (p !== was && p !== null && !p.isSearching) done(performance.now() - begin); else setTimeout(look, 1); }; look(); })";
    private static final String BACK = "unit => (" + TIMED + ")(() => { document.getElementById('timeline-unit').value = unit; document.getElementById('timeline-back').click(); })";
    private static final String DRAG_TO = "ns => (" + TIMED + ")(() => { const s = document.getElementById('timeline-at');"
        + " s.value = Math.floor((ns - window.kmos.status().past.firstNs) / 1e6); s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); })";
    private static final String BREAKPOINT = "address => (" + TIMED + ")(() => { document.getElementById('timeline-unit').value = 'breakpoint';"
        + " document.getElementById('timeline-address').value = address; document.getElementById('timeline-back').click(); })";
    private static final String INSTRUCTION = "() => /rip ([0-9a-f]+)/.exec(window.kmos.past().state)[1]";
    private static final String NOW = "() => (" + TIMED + ")(() => document.getElementById('timeline-now').click())";
    /** To so many ms before the present. */
    private static final String DRAG = "ms => (" + TIMED + ")(() => { const s = document.getElementById('timeline-at'); s.value = s.max - ms;"
        + " s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); })";

    private double timed(String what, Object argument) {
        return ((Number) console.page().evaluate(what, argument)).doubleValue();
    }

    private double at() {
        return ((Number) console.page().evaluate("window.kmos.past().ns")).doubleValue();
    }

    private static String text(List<Double> ms) {
        return ms.stream().map(each -> String.format(Locale.ROOT, "%.0f", each)).collect(Collectors.joining(" "));
    }

    /** The first step and the next ones of a kind from where the machine is. */
    private void steps(String from, String unit, double before, List<Double> allFirst, List<Double> allNext) {
        List<Double> next = new ArrayList<>();
        double first = before + timed(BACK, unit);
        double place = at();
        for (int i = 0; i < NEXT; i++) {
            next.add(timed(BACK, unit));
        }
        System.out.println("back " + UNITS.get(unit) + " from " + from + ": first " + Math.round(first) + " ms, next " + text(next) + " ms, over "
            + Math.round((place - at()) / 1e3) + " us of guest time");
        assertTrue(at() < place, "it went back");
        allFirst.add(first);
        allNext.addAll(next);
    }

    private static double median(List<Double> all) {
        return all.stream().sorted().skip(all.size() / 2).findFirst().orElseThrow();
    }

    private static double worst(List<Double> all) {
        return all.stream().mapToDouble(each -> each).max().orElseThrow();
    }

    @Test
    void stepsBackWithinTheLastMinute_goBack() {
        console.open(server.url()).awaitPrompt();
        double began = ((Number) console.page().evaluate("performance.now()")).doubleValue();
        for (int i = 0; i < 3; i++) {
            console.run("lua5.4 -e 'local x=0 for i=1,50000000 do x=x+i%7 end print(x)'");
            console.run("seq 1 200000 | sort -rn | md5sum");
            console.run("for i in $(seq 1 60); do ls -l /etc | md5sum > /dev/null; done");
            console.run("sleep 2; ls -lR /usr/share | wc -l");
            console.run("lua5.4 -e 'local t={} for i=1,1500000 do t[i]=i*i end print(#t)'");
        }
        Map<?, ?> cost = (Map<?, ?>) console.status("past");
        double spentMs = ((Number) cost.get("checkpointMs")).doubleValue(), ranMs = ((Number) cost.get("ranMs")).doubleValue();
        System.out.printf(Locale.ROOT, "%d checkpoints of %.1f MiB took %.0f of the %.0f ms in which the machine ran: %.1f %%; %.0f s since the prompt%n",
            ((Number) cost.get("checkpoints")).intValue(), ((Number) cost.get("bytes")).doubleValue() / (1 << 20), spentMs, ranMs, 100 * spentMs / ranMs,
            (((Number) console.page().evaluate("performance.now()")).doubleValue() - began) / 1000);
        List<Double> first = new ArrayList<>(), next = new ArrayList<>();
        for (String unit : new String[] {"1", "2", "3"}) {
            steps("the present", unit, 0, first, next);
            timed(NOW, null);
        }
        double window = Math.min(60_000, ((Number) console.page().evaluate("Number(document.getElementById('timeline-at').max)")).doubleValue());
        for (int i = 1; i < 10; i++) {
            double ago = Math.floor(window * i / 10);
            for (String unit : new String[] {"1", "2", "3"}) {
                double dragged = timed(DRAG, ago);
                steps(ago / 1000 + " s ago (" + console.page().evaluate("window.kmos.past().place") + ", there in " + Math.round(dragged) + " ms)", unit, dragged, first, next);
                timed(NOW, null);
            }
        }
        System.out.printf(Locale.ROOT, "first: median %.0f, longest %.0f ms; next: median %.0f, longest %.0f ms%n", median(first), worst(first), median(next), worst(next));
    }

    /** From a loop to an instruction that ran before it, and to one of its own. */
    @Test
    void runningBackToAnAddress_goesBack() {
        console.open(server.url()).awaitPrompt();
        console.run("lua5.4 -e 'print(1)'"); // what is in RAM before the loop need not be compiled again for a place before it
        console.run("lua5.4 -e 'local x=0 for i=1,50000000 do x=x+i%7 end print(x)'");
        String place = "";
        for (double ago = 200; ago <= 3000 && !place.startsWith("lua5.4"); ago += 200) { // the prompt may have been there for a while
            timed(DRAG, ago);
            place = (String) console.page().evaluate("window.kmos.past().place");
        }
        assertTrue(place.startsWith("lua5.4"), place);
        double origin = at();
        String inLoop = (String) console.page().evaluate(INSTRUCTION);
        double step = timed(BACK, "2");
        double loopNs = origin - at();
        String before = (String) console.page().evaluate(INSTRUCTION);
        timed(DRAG_TO, origin);
        double cold = timed(BREAKPOINT, before);
        assertTrue(at() < origin, "it went back");
        timed(DRAG_TO, origin);
        double hot = timed(BREAKPOINT, inLoop);
        assertTrue(at() < origin, "it went back");
        System.out.printf(Locale.ROOT, "from %s, the last system call %.0f ms of guest time before: step to it %.0f ms, to a breakpoint on it %.0f ms, to one in the loop %.0f ms%n",
            place, loopNs / 1e6, step, cold, hot);
    }
}
