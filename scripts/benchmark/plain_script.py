"""The job as a plain script: one request after the other, then the cloud. For the bench."""

import base64
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd
import requests
from wordcloud import WordCloud

base_url, folder = sys.argv[1], Path(sys.argv[2])

ids = requests.get(f"{base_url}/topstories.json", timeout=10).json()
items = [requests.get(f"{base_url}/item/{i}.json", timeout=10).json() for i in ids]
stories = pd.DataFrame([item for item in items if item and "title" in item])
stories[["id", "title", "by", "score", "time"]].to_parquet(folder / "stories.parquet")

cloud = WordCloud(width=1200, height=600, max_words=150, background_color="white")
plt.figure(figsize=(12, 6))
plt.imshow(cloud.generate(" ".join(stories["title"])))
plt.axis("off")
plt.savefig(folder / "cloud.png", dpi=100)
png = base64.b64encode((folder / "cloud.png").read_bytes()).decode()
(folder / "cloud.md").write_text(f"# Hacker News\n\n![Word cloud](data:image/png;base64,{png})\n")
