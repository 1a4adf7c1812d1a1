"""The server: Luigi's central scheduler and visualiser, pages of assets, and a watch over them."""
