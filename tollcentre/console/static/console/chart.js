// Bars of the day board: names and yuan come from the page's own data block.
(function () {
  "use strict";
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-bars]").forEach(function (element) {
      const data = JSON.parse(document.getElementById(element.dataset.bars).textContent);
      const font = getComputedStyle(document.body).fontFamily;
      const chart = window.echarts.init(element, null, { renderer: "canvas" });
      chart.setOption({
        animation: false,
        textStyle: { fontFamily: font },
        grid: { left: 8, right: 84, top: 4, bottom: 4, containLabel: true },
        tooltip: { trigger: "item", renderMode: "richText" },
        xAxis: { type: "value", splitLine: { lineStyle: { color: "#ebefed" } },
          axisLabel: { show: false } },
        yAxis: { type: "category", data: data.names, inverse: true, axisTick: { show: false },
          axisLine: { lineStyle: { color: "#dde3e0" } },
          axisLabel: { color: "#1d2b28", width: 190, overflow: "truncate" } },
        series: [{ type: "bar", name: element.dataset.barsWord, data: data.yuan, barMaxWidth: 16,
          itemStyle: { color: "#0a6b50" },
          label: { show: true, position: "right", color: "#55655f",
            formatter: (item) => item.value.toLocaleString("en-US",
              { minimumFractionDigits: 2, maximumFractionDigits: 2 }) } }],
      });
      window.addEventListener("resize", () => chart.resize());
    });
  });
})();
