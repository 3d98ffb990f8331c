"""Where it comes from: public files in, validated records out."""
