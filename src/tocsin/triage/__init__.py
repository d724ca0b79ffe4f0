"""Which incident is it, how bad is it, and why we think so. Pure: values in, values out."""
