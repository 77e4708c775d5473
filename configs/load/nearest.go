package load

// nearest gives the known word that a misspelt one was probably meant to be; "" if none is near.
func nearest(word string, known []string) string {
	best, distance := "", min(len(word)/3+1, 5) // one slip for every three letters, and one more
	for _, k := range known {
		if d := editDistance(word, k); d <= distance && d < max(len(word), len(k)) {
			if best == "" || d < distance {
				best, distance = k, d
			}
		}
	}
	return best
}

// editDistance counts the letters to be added, taken away, changed or swapped with their neighbour
// (optimal string alignment). Long words are far from everything.
func editDistance(a, b string) int {
	const longest = 64
	if len(a) > longest || len(b) > longest {
		return longest
	}
	var before, above, row [longest + 1]int
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
