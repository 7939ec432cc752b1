package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Plots are SVG with a style of their own, which follows the reader's light or dark setting.
const plotStyle = `<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.small { font-size: 11px; fill: #57606a }
.axis { stroke: #8c959f; stroke-width: 1 }
.grid { stroke: #d0d7de; stroke-width: 1; stroke-dasharray: 2 3 }
.ours { fill: #1a7f37; stroke: #1a7f37 }
.go { fill: #0969da; stroke: #0969da }
.python { fill: #bf8700; stroke: #bf8700 }
.canned { fill: #8c959f; stroke: #8c959f }
.line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .small { fill: #8b949e }
  .grid { stroke: #30363d }
}
</style>
`

func svg(width, height int, title, body string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label=%q>
%s<text class="title" x="16" y="26">%s</text>
%s</svg>
`, width, height, width, height, title, plotStyle, html.EscapeString(title), body)
}

func legend(x, y int) string {
	var out strings.Builder
	for i, server := range everyServer {
		fmt.Fprintf(&out, "<rect class=%q x=\"%d\" y=\"%d\" width=\"10\" height=\"10\"/><text x=\"%d\" y=\"%d\">%s</text>\n", server, x+i*90, y-9, x+i*90+15, y, titles[server])
	}
	return out.String()
}

// A scale from a value to a place, by the value's logarithm.
type logarithmic struct {
	from, to    float64
	first, last float64
}

func newLogarithmic(low, high, first, last float64) logarithmic {
	return logarithmic{math.Floor(math.Log10(low)), math.Ceil(math.Log10(high)), first, last}
}

func (l logarithmic) place(value float64) float64 {
	return l.first + (math.Log10(value)-l.from)/(l.to-l.from)*(l.last-l.first)
}

func (l logarithmic) ticks() []float64 {
	ticks := []float64{}
	for exponent := l.from; exponent <= l.to; exponent++ {
		ticks = append(ticks, math.Pow(10, exponent))
	}
	return ticks
}

func microsecondsText(value float64) string {
	switch {
	case value >= 1e6:
		return fmt.Sprintf("%g s", value/1e6)
	case value >= 1e3:
		return fmt.Sprintf("%.3g ms", value/1e3)
	}
	return fmt.Sprintf("%.3g µs", value)
}

func rangeOf(cells []cell) (low, high float64) {
	low, high = math.Inf(1), 0
	for _, c := range cells {
		low, high = min(low, c.CPU), max(high, c.CPU)
	}
	return low, high
}

// costPlot has a group of bars for each case: with mTLS and one caller, as Crossplane calls.
func costPlot(r results) string {
	const width, left, right, top, bar, gap = 860, 150, 790, 70, 14, 18
	shown := []cell{}
	for _, c := range r.Cells {
		if c.Grows == "" && c.Transport == mutualTLS && c.Callers == 1 {
			shown = append(shown, c)
		}
	}
	low, high := rangeOf(shown)
	scale := newLogarithmic(low, high, left, right)
	var bars strings.Builder
	y := top
	for _, name := range r.grid() {
		fmt.Fprintf(&bars, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", left-10, y+2*bar, html.EscapeString(name))
		for _, server := range everyServer {
			if c := r.find(name, server, mutualTLS, 1); c != nil {
				end := scale.place(c.CPU)
				fmt.Fprintf(&bars, "<rect class=%q x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/><text class=\"small\" x=\"%.1f\" y=\"%d\">%s</text>\n",
					server, left, y, end-left, bar-3, end+5, y+bar-4, microsecondsText(c.CPU))
			}
			y += bar
		}
		y += gap
	}
	var grid strings.Builder
	for _, tick := range scale.ticks() {
		x := scale.place(tick)
		fmt.Fprintf(&grid, "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/><text class=\"small\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
			x, top-6, x, y-gap, x, y, microsecondsText(tick))
	}
	return svg(width, y+20, "CPU of the server for a call (logarithmic; mTLS, 1 caller)", legend(left, 50)+grid.String()+bars.String())
}

// growthPlot has a panel for each curve.
func growthPlot(r results) string {
	const width, panelWidth, panelHeight, top = 860, 410, 230, 70
	var out strings.Builder
	out.WriteString(legend(150, 50))
	curves := r.curves()
	for i, grows := range sortedKeys(curves) {
		x, y := 60+i%2*panelWidth, top+i/2*panelHeight
		out.WriteString(panel(grows, curves[grows], float64(x), float64(y), panelWidth-90, panelHeight-70))
	}
	rows := (len(curves) + 1) / 2
	return svg(width, top+rows*panelHeight, "CPU of the server for a call as it grows (insecure, 1 caller)", out.String())
}

func panel(grows string, cells []cell, x, y, width, height float64) string {
	low, high := rangeOf(cells)
	scale := newLogarithmic(low, high, y+height, y)
	largest := 0
	for _, c := range cells {
		largest = max(largest, c.Size)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x, y-8, html.EscapeString(grows))
	for _, tick := range scale.ticks() {
		fmt.Fprintf(&out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/><text class=\"small\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			x, scale.place(tick), x+width, scale.place(tick), x-4, scale.place(tick)+4, microsecondsText(tick))
	}
	fmt.Fprintf(&out, "<line class=\"axis\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/><text class=\"small\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n",
		x, y+height, x+width, y+height, x+width, y+height+14, largest)
	for _, server := range everyServer {
		points := []string{}
		for _, c := range cells {
			if c.Server == server {
				points = append(points, fmt.Sprintf("%.1f,%.1f", x+float64(c.Size)/float64(largest)*width, scale.place(c.CPU)))
			}
		}
		if len(points) > 0 {
			fmt.Fprintf(&out, "<polyline class=\"line %s\" points=%q style=\"fill:none\"/>\n", server, strings.Join(points, " "))
		}
	}
	return out.String()
}
