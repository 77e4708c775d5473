import { mountPage } from '../lib/ui/mount';
import App from './App.svelte';

mountPage(App);
